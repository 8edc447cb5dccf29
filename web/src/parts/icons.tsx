import type { ReactNode } from 'react';

const SHAPES = {
  overview: <path d="M4 11.5 12 5l8 6.5V19a1 1 0 0 1-1 1h-4.5v-5h-5v5H5a1 1 0 0 1-1-1z" />,
  usage: <path d="M5 20v-6m5 6V9m5 11v-8m5 8V5" />,
  key: (
    <>
      <circle cx="8" cy="15" r="4" />
      <path d="m11 12 8-8m-3 3 2.5 2.5M14 9l2 2" />
    </>
  ),
  plans: <path d="m12 4 8 4-8 4-8-4zm-8 8 8 4 8-4M4 16l8 4 8-4" />,
  account: (
    <>
      <circle cx="12" cy="8.5" r="3.5" />
      <path d="M5 20c.6-3.6 3.4-5.5 7-5.5s6.4 1.9 7 5.5" />
    </>
  ),
  good: <path d="m5 12.5 4.5 4.5L19 7.5" />,
  info: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M12 11.5V16m0-8.2v.1" />
    </>
  ),
  warning: <path d="M12 4 2.8 19.5h18.4zM12 10v4.5m0 2.4v.1" />,
  copy: <path d="M9 9h10v11H9zM15 9V4H5v11h4" />,
  clock: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M12 7.5V12l3 2" />
    </>
  ),
  away: <path d="M14 5h5v14h-5M4 12h10m-3.5-3.5L14 12l-3.5 3.5" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof SHAPES;

/** A picture beside words; on its own it says nothing to a screen reader. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {SHAPES[name]}
    </svg>
  );
}
