import { useSyncExternalStore } from 'react';

/** Whether anybody can see the page: it is not in a tab behind another, nor on a locked phone. */
export function useVisible(): boolean {
  return useSyncExternalStore(follow, isVisible);
}

function follow(follower: () => void): () => void {
  document.addEventListener('visibilitychange', follower);
  return () => document.removeEventListener('visibilitychange', follower);
}

function isVisible(): boolean {
  return document.visibilityState === 'visible';
}
