import type { Clock } from '../../core';
import type { Lab } from '../../lab';
import type { Notifications } from '../notifications';
import type { Passwords } from '../settings/passwords';
import type { Settings } from '../settings/settings';
import { withPasswords } from '../settings/with-passwords';
import { createLab } from './create-lab';

/** Makes the lab that the settings describe, as far as they are right, and says what is not. */
export async function labFromSettings(options: {
  readonly clock: Clock;
  readonly settings: Settings;
  readonly passwords: Passwords;
  readonly notifications: Pick<Notifications, 'tellSettings' | 'tellMissingPasswords'>;
}): Promise<Lab> {
  const { settings, problems } = { settings: options.settings.phones.phones, problems: options.settings.phones.problems };
  const { phones, missing } = await withPasswords(settings, options.passwords);
  void options.notifications.tellSettings(problems);
  void options.notifications.tellMissingPasswords(missing);
  return createLab(options.clock, phones);
}
