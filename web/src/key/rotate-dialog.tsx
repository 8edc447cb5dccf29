import { AlertDialog } from '@base-ui/react/alert-dialog';
import { Radio } from '@base-ui/react/radio';
import { RadioGroup } from '@base-ui/react/radio-group';
import { useId, useState } from 'react';
import type { Subscription } from '../customer/account.js';
import { useAction } from '../customer/use-action.js';
import { Button } from '../parts/button.js';
import { CopyButton } from '../parts/copy-button.js';
import { Trouble } from '../parts/trouble.js';
import { useNow } from '../parts/use-now.js';
import { useAccount, usePortal } from '../portal.js';
import { texts } from '../texts.js';
import { graceSeconds, OVERLAPS, type Overlap } from '../words/overlap.js';

interface Props {
  readonly subscription: Subscription;
  readonly close: () => void;
}

/** Replaces the key that is current when it opens, however often it is pressed. */
export function RotateDialog({ subscription, close }: Props) {
  const { account } = usePortal();
  const { key } = useAccount();
  const [keyId] = useState(subscription.apiKey?.id ?? '');
  const [overlap, setOverlap] = useState<Overlap>('day');
  const [until, setUntil] = useState('');
  const [isDone, setDone] = useState(false);
  const isWrong = graceSeconds(overlap, until, useNow(1000)) === null;
  const rotate = useAction((seconds: number) => account.rotate(keyId, seconds));
  /** A date is as far away as it is now, also when this is tried again. */
  const act = async () => {
    const seconds = graceSeconds(overlap, until, Date.now());
    if (seconds !== null && (await rotate.run(seconds))) setDone(true);
  };
  const change = (open: boolean) => {
    if (!open && !rotate.isPending) close();
  };
  return (
    <AlertDialog.Root open onOpenChange={change}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="backdrop" />
        <AlertDialog.Viewport className="dialog-place">
          <AlertDialog.Popup className="dialog">
            <AlertDialog.Title className="dialog-title">
              {isDone ? texts.rotate.done : texts.rotate.title}
            </AlertDialog.Title>
            {isDone ? (
              <NewKey value={key?.value ?? null} close={close} />
            ) : (
              <>
                <AlertDialog.Description className="dialog-words">{texts.rotate.lead}</AlertDialog.Description>
                <OverlapChoice {...{ overlap, setOverlap, until, setUntil }} isWrong={isWrong} />
                <ul className="points small muted">
                  {overlap !== 'none' && <li>{texts.rotate.shares}</li>}
                  {subscription.overlappingKey && <li>{texts.rotate.endsOlder}</li>}
                </ul>
                {rotate.failure && (
                  <Trouble failure={rotate.failure} words={texts.rotate.failures} retry={() => void act()} />
                )}
                <div className="dialog-actions">
                  <AlertDialog.Close className="button quiet">{texts.keep}</AlertDialog.Close>
                  <Button tone="strong" isPending={rotate.isPending} disabled={isWrong} onClick={() => void act()}>
                    {texts.rotate.confirm}
                  </Button>
                </div>
              </>
            )}
          </AlertDialog.Popup>
        </AlertDialog.Viewport>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

function NewKey({ value, close }: { value: string | null; close: () => void }) {
  return (
    <>
      <AlertDialog.Description className="dialog-words">
        {value === null ? texts.rotate.doneLater : texts.rotate.doneText}
      </AlertDialog.Description>
      {value !== null && (
        <div className="secret">
          <code className="secret-value" translate="no">
            {value}
          </code>
          <div className="secret-actions">
            <CopyButton text={() => value} />
          </div>
        </div>
      )}
      <div className="dialog-actions">
        <Button tone="strong" onClick={close}>
          {texts.rotate.finish}
        </Button>
      </div>
    </>
  );
}

interface ChoiceProps {
  readonly overlap: Overlap;
  readonly setOverlap: (overlap: Overlap) => void;
  readonly until: string;
  readonly setUntil: (until: string) => void;
  readonly isWrong: boolean;
}

function OverlapChoice({ overlap, setOverlap, until, setUntil, isWrong }: ChoiceProps) {
  const [legend, date, hint] = [useId(), useId(), useId()];
  return (
    <>
      <p className="field-label" id={legend}>
        {texts.rotate.legend}
      </p>
      <RadioGroup
        className="choices"
        aria-labelledby={legend}
        value={overlap}
        onValueChange={(value) => setOverlap(value as Overlap)}
      >
        {OVERLAPS.map((choice) => (
          // biome-ignore lint/a11y/noLabelWithoutControl: the radio within is the control
          <label key={choice} className="choice">
            <Radio.Root className="radio" value={choice}>
              <Radio.Indicator className="radio-dot" />
            </Radio.Root>
            <span>
              <span className="choice-title">{texts.rotate.choices[choice].title}</span>
              <span className="small muted">{texts.rotate.choices[choice].text}</span>
            </span>
          </label>
        ))}
      </RadioGroup>
      {overlap === 'date' && (
        <div className="field">
          <label className="field-label" htmlFor={date}>
            {texts.rotate.until}
          </label>
          <input
            id={date}
            type="datetime-local"
            value={until}
            aria-describedby={hint}
            aria-invalid={until !== '' && isWrong}
            onChange={(event) => setUntil(event.target.value)}
          />
          <p className="small muted" id={hint}>
            {texts.rotate.badDate}
          </p>
        </div>
      )}
    </>
  );
}
