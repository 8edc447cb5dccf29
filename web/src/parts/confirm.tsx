import { AlertDialog } from '@base-ui/react/alert-dialog';
import type { ReactNode } from 'react';
import type { Action } from '../customer/use-action.js';
import { texts } from '../texts.js';
import { Button } from './button.js';
import { Trouble } from './trouble.js';

interface Props {
  readonly isOpen: boolean;
  readonly close: () => void;
  readonly title: string;
  readonly children: ReactNode;
  readonly action: Action<[]>;
  readonly confirm: string;
  readonly keep?: string;
  readonly tone?: 'strong' | 'danger';
  /** Something is still to be typed or chosen. */
  readonly isReady?: boolean;
}

/** A question before something that matters; it closes when that is done. */
export function Confirm({ isOpen, close, title, children, action, confirm, keep = texts.keep, ...rest }: Props) {
  const { tone = 'strong', isReady = true } = rest;
  const act = async () => {
    if (isReady && (await action.run())) close();
  };
  const change = (open: boolean) => {
    if (open || action.isPending) return;
    action.forgive();
    close();
  };
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={change}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="backdrop" />
        <AlertDialog.Viewport className="dialog-place">
          <AlertDialog.Popup className="dialog">
            <AlertDialog.Title className="dialog-title">{title}</AlertDialog.Title>
            <AlertDialog.Description className="dialog-words" render={<div />}>
              {children}
            </AlertDialog.Description>
            {action.failure && <Trouble failure={action.failure} retry={() => void act()} />}
            <div className="dialog-actions">
              <AlertDialog.Close className="button quiet">{keep}</AlertDialog.Close>
              <Button tone={tone} isPending={action.isPending} disabled={!isReady} onClick={() => void act()}>
                {confirm}
              </Button>
            </div>
          </AlertDialog.Popup>
        </AlertDialog.Viewport>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
