import type { PhoneOptions, RegisterOptions } from '../../lab';
import type { Checker } from './checker';
import { mostSeconds } from './check-servers';

type Fields = NonNullable<ReturnType<Checker['fields']>>;

/** Where a phone registers, without the password. */
export type RegisterSettings = Omit<RegisterOptions, 'password'>;

/** The fields of a phone that say how it is found and finds others; the manifest's schema has the same. */
export const registrationKeys: readonly string[] = ['register', 'outboundProxy'];

export const registerKeys: readonly string[] = ['registrar', 'domain', 'username', 'expires', 'q'];

/** What is wrong is named and left out; `servers` are the names that may stand where a SIP URI may. */
export function checkRegistration(
  fields: Fields,
  servers: readonly string[],
): Pick<PhoneOptions, 'outboundProxy'> & { readonly register?: RegisterSettings } {
  const register = checkRegister(fields, servers);
  const outboundProxy = serverWord(fields, 'outboundProxy', servers);
  return { ...(register !== undefined && { register }), ...(outboundProxy !== undefined && { outboundProxy }) };
}

/** A server of the settings or a SIP URI, or an object that says more. */
function checkRegister(phone: Fields, servers: readonly string[]): RegisterSettings | undefined {
  if (!phone.holdsObject('register')) {
    const word = serverWord(phone, 'register', servers);
    return word === undefined ? undefined : { registrar: word };
  }
  const fields = phone.fields('register', registerKeys);
  if (fields === undefined) return undefined;
  const isGiven = fields.text('registrar') !== undefined;
  const registrar = serverWord(fields, 'registrar', servers);
  if (!isGiven) fields.complain('', 'a "registrar" is needed: a server of callLab.servers, or a SIP URI');
  if (registrar === undefined) return undefined;
  const domain = fields.text('domain');
  const username = fields.text('username');
  const expires = fields.integer('expires', 1, mostSeconds);
  const q = fields.number('q', 0, 1);
  return {
    registrar,
    ...(domain !== undefined && { domain }),
    ...(username !== undefined && { username }),
    ...(expires !== undefined && { expires }),
    ...(q !== undefined && { q }),
  };
}

function serverWord(fields: Fields, name: string, servers: readonly string[]): string | undefined {
  const word = fields.text(name);
  if (word === undefined || servers.includes(word) || /^(?:sip|iax2?):/iu.test(word)) return word;
  const known = servers.length === 0 ? 'there is none' : servers.join(', ');
  fields.complain(name, `"${word}" is neither a server of callLab.servers (${known}) nor a SIP URI`);
  return undefined;
}
