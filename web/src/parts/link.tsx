import type { AnchorHTMLAttributes, MouseEvent } from 'react';
import { type Path, router } from '../router.js';

interface Props extends AnchorHTMLAttributes<HTMLAnchorElement> {
  to: Path;
}

/** A link within the page; with a modifier key it is one like all others. */
export function Link({ to, ...rest }: Props) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    router.go(to);
  };
  return <a href={to} onClick={follow} {...rest} />;
}
