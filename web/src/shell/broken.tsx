import { Button } from '../parts/button.js';
import { Screen } from '../parts/screen.js';
import { texts } from '../texts.js';

interface Props {
  readonly title?: string;
  readonly text?: string;
}

/** When not even the settings could be had, or nothing can be shown any more. */
export function Broken({ title = texts.broken.title, text = texts.broken.text }: Props) {
  return (
    <main className="content">
      <Screen icon="warning" title={title} text={text}>
        <Button tone="strong" onClick={() => location.reload()}>
          {texts.tryAgain}
        </Button>
      </Screen>
    </main>
  );
}
