import { Component, type ReactNode } from 'react';
import { texts } from '../texts.js';
import { Broken } from './broken.js';

interface Props {
  readonly children: ReactNode;
}

/** A page that cannot be drawn any more says so, where React would leave it white. */
export class ErrorBoundary extends Component<Props, { readonly isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError() {
    return { isBroken: true };
  }

  override render() {
    return this.state.isBroken ? <Broken {...texts.brokenOff} /> : this.props.children;
  }
}
