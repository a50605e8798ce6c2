import path from 'node:path';
import { parseIaxUri } from '../iax';
import type { PhoneOptions, ServerOptions } from '../lab';
import { readExpectations } from './expectation-section';
import { Names } from './names';
import { readPhones } from './phone-section';
import type { ScenarioProblem } from './problem';
import type { Scenario } from './scenario';
import { checkServerNames, readServers } from './server-section';
import { readSteps } from './step-section';
import { YamlSource } from './yaml-value';

/** What reading a scenario file gave: the scenario, unless there are problems. */
export interface ParsedScenario {
  readonly scenario?: Scenario;
  /** In the order of the file. */
  readonly problems: readonly ScenarioProblem[];
}

/** What can be dialled at the servers of the file; at a stranger's, anything. */
function numbersOf(servers: readonly ServerOptions[], phones: readonly PhoneOptions[]): (word: string) => boolean {
  const known = new Set(servers.filter(({ kind }) => kind === 'iax2').flatMap(({ extensions, registrar }) => [...(extensions?.keys() ?? []), ...(registrar?.users ?? []).map(({ username }) => username)]));
  const hasStranger = phones.some(({ protocol, register }) => protocol === 'iax2' && register !== undefined && parseIaxUri(register.registrar) !== undefined);
  return (word) => known.has(word) || (hasStranger && /^[\w*#+.-]+$/u.test(word));
}

/** Reads the text of a scenario file; `fileName` is for messages, and names a scenario that has no name. */
export function parseScenario(text: string, fileName: string): ParsedScenario {
  const source = new YamlSource(text, fileName);
  if (source.problems.length > 0) return { problems: source.problems };
  const fields = source.root.fields('a scenario', ['name', 'description', 'servers', 'phones', 'steps', 'expect']);
  const name = fields.get('name')?.text('a name') ?? path.basename(fileName).replace(/\.calllab\.ya?ml$/u, '');
  const description = fields.get('description')?.text('a description');
  const phonesValue = fields.get('phones');
  if (phonesValue === undefined && source.problems.length === 0) {
    source.root.problem('"phones" is missing: who takes part?', 'Add "phones:", and below it a line such as "  alice:" for each.');
  }
  const readServerList = readServers(fields.get('servers'));
  const servers = readServerList.map(({ options }) => options);
  const phones = phonesValue === undefined ? [] : readPhones(phonesValue, servers.map((server) => server.name));
  checkServerNames(readServerList, phones.map((phone) => phone.name));
  const names = new Names(phones.map((phone) => phone.name), numbersOf(servers, phones));
  const stepsValue = fields.get('steps');
  const steps = stepsValue === undefined ? [] : readSteps(stepsValue, names);
  const expectations = readExpectations(fields.get('expect'), names);
  const problems = [...source.problems].sort((a, b) => a.start - b.start);
  return problems.length > 0 ? { problems } : { scenario: { file: fileName, name, description, servers, phones, steps, expectations }, problems };
}
