import type { ReactNode } from 'react';
import { Icon, type IconName } from './icons.js';

export type Tone = 'good' | 'info' | 'warning' | 'bad';

const ICONS: Readonly<Record<Tone, IconName>> = { good: 'good', info: 'info', warning: 'warning', bad: 'warning' };

interface Props {
  readonly tone: Tone;
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
  /** Says it aloud when it appears. */
  readonly isNews?: boolean;
}

export function Notice({ tone, title, children, actions, isNews = false }: Props) {
  const role = tone === 'bad' ? 'alert' : 'status';
  return (
    <div className={`notice ${tone}`} {...(isNews && { role })}>
      <Icon name={ICONS[tone]} />
      <div className="notice-words">
        <p className="notice-title">{title}</p>
        {children}
      </div>
      {actions && <div className="notice-actions">{actions}</div>}
    </div>
  );
}
