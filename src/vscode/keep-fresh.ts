import type { Clock, Disposable } from '../core';
import { Coalesced } from './lab/coalesced';
import type { LabHost } from './lab/lab-host';

/** How often views are refreshed at most, in milliseconds. */
const pause = 60;

/** Refreshes the views whenever the lab has changed, though not for each of the changes of a burst. */
export function keepFresh(host: LabHost, clock: Clock, views: readonly { refresh(): void }[]): Disposable {
  const refreshing = new Coalesced(clock, pause, () => views.forEach((view) => view.refresh()));
  const listening = host.on('changed', () => refreshing.request());
  refreshing.request();
  return {
    dispose: () => {
      listening.dispose();
      refreshing.dispose();
    },
  };
}
