import { Button } from '../parts/button.js';
import { Notice } from '../parts/notice.js';
import { Screen } from '../parts/screen.js';
import { usePortal } from '../portal.js';
import type { SignedOut } from '../signing-in/session.js';
import { texts } from '../texts.js';

/** In the place of a page that is about somebody: why it does not know whom. */
export function SignedOutPage({ why }: Pick<SignedOut, 'why'>) {
  const { session, settings } = usePortal();
  const { title, text } = texts.signedOut[why ?? 'never'];
  if (settings.hostedUi === null) return <Notice tone="warning" title={texts.notSetUp} />;
  return (
    <Screen icon="away" title={title} text={text}>
      <Button tone="strong" onClick={() => void session.signIn()}>
        {texts.signIn}
      </Button>
      <Button onClick={() => void session.signUp()}>{texts.signUp}</Button>
    </Screen>
  );
}
