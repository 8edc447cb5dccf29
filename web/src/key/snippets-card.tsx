import { Tabs } from '@base-ui/react/tabs';
import { Card } from '../parts/card.js';
import { CopyButton } from '../parts/copy-button.js';
import { usePortal } from '../portal.js';
import { texts } from '../texts.js';
import { type SoldApi, snippets } from '../words/snippets.js';

/** The first call in three languages. The key is in what is copied, and never in what is shown. */
export function SnippetsCard({ api }: { api: SoldApi }) {
  const { account, session } = usePortal();
  const shown = snippets(api, texts.snippets.placeholder);
  const copied = async (title: string) =>
    snippets(api, await account.reveal()).find((snippet) => snippet.title === title)?.text ?? '';
  const { token } = api;
  return (
    <Tabs.Root defaultValue={shown[0]?.title}>
      <Card
        title={texts.snippets.title}
        actions={
          <Tabs.List className="tabs" aria-label={texts.snippets.title}>
            {shown.map(({ title }) => (
              <Tabs.Tab key={title} className="tab" value={title}>
                {title}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        }
      >
        {shown.map(({ title, text }) => (
          <Tabs.Panel key={title} value={title} className="snippet">
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
            <pre tabIndex={0}>
              <code>{text}</code>
            </pre>
            <CopyButton text={() => copied(title)} description={texts.snippets.copy(title)} />
          </Tabs.Panel>
        ))}
        <p className="small muted">{texts.snippets.withKey}</p>
        {token !== 'none' && (
          <div className="row">
            <p className="small muted">
              {texts.snippets.token(token === 'id' ? texts.snippets.idToken : texts.snippets.accessToken)}
            </p>
            <CopyButton text={() => session.token(token)} label={texts.snippets.copyToken} tone="plain" />
          </div>
        )}
      </Card>
    </Tabs.Root>
  );
}
