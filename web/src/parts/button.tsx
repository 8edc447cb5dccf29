import type { ButtonHTMLAttributes } from 'react';

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  tone?: 'strong' | 'quiet' | 'danger' | 'plain';
  /** What it does is under way: it keeps the focus, and takes no second click. */
  isPending?: boolean;
}

export function Button({ tone = 'quiet', isPending = false, onClick, children, className = '', ...rest }: Props) {
  return (
    <button
      type="button"
      className={`button ${tone} ${className}`.trim()}
      aria-disabled={isPending || undefined}
      aria-busy={isPending || undefined}
      onClick={isPending ? (event) => event.preventDefault() : onClick}
      {...rest}
    >
      {isPending && <span className="spinner" aria-hidden="true" />}
      {/* What translates a page takes texts out of where React put them: nothing may come and go beside a bare one. */}
      <span className="button-words">{children}</span>
    </button>
  );
}
