import { useEffect, useState } from 'react';
import { useAction } from '../customer/use-action.js';
import { texts } from '../texts.js';
import { Button } from './button.js';
import { Icon } from './icons.js';
import { Trouble } from './trouble.js';

type Outcome = 'copied' | 'notCopied';
const SHOWN_MILLISECONDS = 2500;

interface Props {
  /** The text, which may have to be fetched first. */
  readonly text: () => string | Promise<string>;
  readonly label?: string;
  /** What a screen reader says in its place. */
  readonly description?: string;
  readonly tone?: 'strong' | 'quiet' | 'plain';
}

export function CopyButton({ text, label = texts.key.copy, description, tone = 'quiet' }: Props) {
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  useEffect(() => {
    if (outcome === null) return;
    const timer = setTimeout(() => setOutcome(null), SHOWN_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const { run, isPending, failure } = useAction(async () => setOutcome(await copied(await text())));
  return (
    <>
      <Button
        tone={tone}
        isPending={isPending}
        onClick={() => void run()}
        aria-label={outcome ? undefined : description}
      >
        <Icon name={outcome === 'copied' ? 'good' : 'copy'} />
        <span>{outcome ? texts.key[outcome] : label}</span>
      </Button>
      <span className="unseen" role="status">
        {outcome && texts.key[outcome]}
      </span>
      {failure && <Trouble failure={failure} retry={() => void run()} />}
    </>
  );
}

/** A page that is not served safely has no clipboard at all. */
async function copied(text: string): Promise<Outcome> {
  try {
    await navigator.clipboard.writeText(text);
    return 'copied';
  } catch {
    return 'notCopied';
  }
}
