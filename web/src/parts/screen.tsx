import type { ReactNode } from 'react';
import { texts } from '../texts.js';
import { Icon, type IconName } from './icons.js';

interface Props {
  readonly icon: IconName;
  readonly title: string;
  readonly text: string;
  readonly children?: ReactNode;
}

/** A state that takes the whole page: what it is, what it means, and the way out. */
export function Screen({ icon, title, text, children }: Props) {
  return (
    <div className="screen">
      <span className="screen-icon">
        <Icon name={icon} />
      </span>
      <h1 tabIndex={-1}>{title}</h1>
      <p>{text}</p>
      {children && <div className="screen-actions">{children}</div>}
    </div>
  );
}

export function Waiting({ words = texts.loading }: { words?: string }) {
  return (
    <div className="waiting" role="status">
      <span className="spinner large" aria-hidden="true" />
      <p>{words}</p>
    </div>
  );
}
