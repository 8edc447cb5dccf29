import { Button } from '../parts/button.js';
import { Screen } from '../parts/screen.js';
import { texts } from '../texts.js';

/** When not even the settings could be had. */
export function Broken() {
  return (
    <main className="content">
      <Screen icon="warning" title={texts.broken.title} text={texts.broken.text}>
        <Button tone="strong" onClick={() => location.reload()}>
          {texts.tryAgain}
        </Button>
      </Screen>
    </main>
  );
}
