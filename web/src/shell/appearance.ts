import { keptOnSite } from '../kept.js';

export type Appearance = 'system' | 'light' | 'dark';

const NAME = 'turnpike.appearance';

export function chosenAppearance(): Appearance {
  const kept = keptOnSite.getItem(NAME);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

export function wearAppearance(appearance: Appearance): void {
  document.documentElement.dataset.appearance = appearance;
  if (appearance === 'system') keptOnSite.removeItem(NAME);
  else keptOnSite.setItem(NAME, appearance);
}
