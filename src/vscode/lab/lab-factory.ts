import type { Lab } from '../../lab';
import type { Notifications } from '../notifications';
import type { Passwords } from '../settings/passwords';
import type { Settings } from '../settings/settings';
import { withPasswords } from '../settings/with-passwords';
import { createLab } from './create-lab';

/** Makes the lab that the settings describe, as far as they are right, and says what is not. */
export async function labFromSettings(options: {
  readonly settings: Settings;
  readonly passwords: Passwords;
  readonly notifications: Pick<Notifications, 'tellSettings' | 'tellMissingPasswords'>;
}): Promise<Lab> {
  const { problems, ...wanted } = options.settings.lab;
  const { phones, servers, missing } = await withPasswords(wanted, options.passwords);
  void options.notifications.tellSettings(problems);
  void options.notifications.tellMissingPasswords(missing);
  return createLab(phones, servers);
}
