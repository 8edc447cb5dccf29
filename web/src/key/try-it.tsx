import { useId, useState } from 'react';
import type { Me } from '../customer/account.js';
import { useAction } from '../customer/use-action.js';
import { Button } from '../parts/button.js';
import { Card } from '../parts/card.js';
import { Notice, type Tone } from '../parts/notice.js';
import { Trouble } from '../parts/trouble.js';
import { MoreCallsLink, useMoreCalls } from '../plan/more-calls.js';
import { usePortal } from '../portal.js';
import { texts } from '../texts.js';
import type { SoldApi } from '../words/snippets.js';
import { type Verdict, verdict } from '../words/verdict.js';
import { type Answered, call } from './call.js';

const TONES: Readonly<Partial<Record<Verdict, Tone>>> = { good: 'good', freshKey: 'info', other: 'info' };

interface Props {
  readonly api: SoldApi;
  readonly me: Me;
}

/** A call of the API with the customer's key, and what came back. */
export function TryIt({ api, me }: Props) {
  const { account, session } = usePortal();
  const [path, setPath] = useState(api.tryPath);
  const [answer, setAnswer] = useState<Answered | 'none' | null>(null);
  const field = useId();
  const isPath = path.startsWith('/');
  const send = useAction(async () => {
    const value = await account.reveal();
    const token = api.token === 'none' ? null : await session.token(api.token);
    setAnswer(await call(`${api.url}${path}`, value, token));
  });
  return (
    <Card title={texts.tryIt.title}>
      <p className="muted">{texts.tryIt.text}</p>
      <form
        className="try"
        onSubmit={(event) => {
          event.preventDefault();
          if (isPath) void send.run();
        }}
      >
        <label className="field-label" htmlFor={field}>
          {texts.tryIt.path}
        </label>
        <div className="try-line">
          <span className="method">GET</span>
          <input
            id={field}
            value={path}
            spellCheck={false}
            autoCapitalize="off"
            aria-invalid={!isPath}
            onChange={(event) => setPath(event.target.value)}
          />
          <Button type="submit" tone="strong" isPending={send.isPending}>
            {send.isPending ? texts.tryIt.sending : texts.tryIt.send}
          </Button>
        </div>
        {!isPath && <p className="small bad-words">{texts.tryIt.badPath}</p>}
      </form>
      {send.failure && <Trouble failure={send.failure} retry={() => void send.run()} />}
      {!send.failure && answer === 'none' && (
        <Notice tone="bad" title={texts.tryIt.noAnswer.title} isNews>
          <p>{texts.tryIt.noAnswer.text}</p>
        </Notice>
      )}
      {!send.failure && answer !== null && answer !== 'none' && <Answer answer={answer} me={me} />}
    </Card>
  );
}

function Answer({ answer, me }: { answer: Answered; me: Me }) {
  const { subscription, usage } = me;
  const found = verdict(answer, subscription?.apiKey?.createdAt ?? '', answer.at);
  const words = texts.tryIt.verdicts[found];
  const more = useMoreCalls(subscription?.plan ?? null);
  const actions = found === 'usedUp' && more && <MoreCallsLink {...more} />;
  return (
    <div className="answer">
      <p>
        <span className={`status ${answer.status < 300 ? 'good' : 'bad'}`}>
          {texts.tryIt.status(answer.status, answer.milliseconds)}
        </span>
      </p>
      <Notice tone={TONES[found] ?? 'warning'} title={words.title} actions={actions} isNews>
        <p>{words.text}</p>
        {found === 'usedUp' && usage?.resetsAt && <p>{texts.tryIt.usedUpUntil(usage.resetsAt)}</p>}
        {found === 'usedUp' && subscription?.overlappingKey && <p>{texts.tryIt.usedUpOverlap}</p>}
      </Notice>
      <h3>{texts.tryIt.body}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <pre tabIndex={0}>
        <code>{answer.shownBody}</code>
      </pre>
      <h3>{texts.tryIt.headers}</h3>
      <dl className="headers">
        {answer.headers.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="small muted">{texts.tryIt.headersNote}</p>
    </div>
  );
}
