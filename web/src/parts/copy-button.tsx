import { useEffect, useState } from 'react';
import { texts } from '../texts.js';
import { Button } from './button.js';
import { Icon } from './icons.js';

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
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(await text());
      setOutcome('copied');
    } catch {
      setOutcome('notCopied');
    }
  };
  return (
    <>
      <Button tone={tone} onClick={() => void copy()} aria-label={outcome ? undefined : description}>
        <Icon name={outcome === 'copied' ? 'good' : 'copy'} />
        {outcome ? texts.key[outcome] : label}
      </Button>
      <span className="unseen" role="status">
        {outcome && texts.key[outcome]}
      </span>
    </>
  );
}
