import type { Say } from '../core';
import type { TransferKind } from '../trace';

/** What a kind of transfer is called where people read it: `Blind transfer`. */
export function kindTitle(kind: TransferKind, say: Say): string {
  switch (kind) {
    case 'redirect':
      return say('Redirection');
    case 'pick-up':
      return say('Pick-up');
    case 'blind':
      return say('Blind transfer');
    case 'attended':
      return say('Attended transfer');
    case 'blonde':
      return say('Blonde transfer');
    case 'native':
      return say('Native transfer');
    case 'native-media':
      return say('Native transfer of the media');
  }
}
