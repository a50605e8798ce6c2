import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import manifest from '../../../package.json';
import { verbNames } from '../../../src/lab';
import { contextKeys } from '../../../src/vscode/commands/context-keys';
import { commandIds, contextKeyOf, specOf } from '../../../src/vscode/commands/table';
import { readVerbArguments } from '../../../src/vscode/commands/verb-arguments';
import { sessionTimerKeys } from '../../../src/vscode/settings/check-call-options';
import { registerKeys } from '../../../src/vscode/settings/check-registration';
import { checkPhones, phoneKeys, requiresKeys } from '../../../src/vscode/settings/check-phones';
import { registrarKeys, serverKeys } from '../../../src/vscode/settings/check-servers';

const root = path.resolve(__dirname, '../../..');
const { contributes } = manifest;
const codicons = readFileSync(path.join(root, 'node_modules/@vscode/codicons/dist/codicon.css'), 'utf8');
const knownKeys = new Set(
  contextKeys({ phase: 'stopped', lab: undefined, hasMessages: false, isPlaying: false }).keys(),
);

/** Every when-clause of the manifest, with the place it stands in. */
function whenClauses(): { readonly place: string; readonly when: string }[] {
  const found: { place: string; when: string }[] = [];
  const visit = (value: unknown, place: string): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if ((key === 'when' || key === 'enablement') && typeof inner === 'string') found.push({ place, when: inner });
      else visit(inner, `${place}/${key}`);
    }
  };
  visit(contributes, '');
  return found;
}

test('the manifest declares exactly the commands of the table, in its order', () => {
  const expected = commandIds.map((id) => {
    const { title, icon, when } = specOf(id);
    return {
      command: id,
      title,
      category: 'Call Lab',
      ...(icon === undefined ? {} : { icon: `$(${icon})` }),
      ...(when === undefined ? {} : { enablement: when }),
    };
  });
  assert.deepEqual(contributes.commands, expected);
});

test('the palette offers a command only when it can act', () => {
  const expected = commandIds.flatMap((id) => {
    const { when, inPalette = true } = specOf(id);
    if (!inPalette) return [{ command: id, when: 'false' }];
    return when === undefined ? [] : [{ command: id, when }];
  });
  assert.deepEqual(contributes.menus.commandPalette, expected);
});

test('every verb of the lab has a command, enabled by its own key', () => {
  for (const verb of verbNames) {
    const ids = commandIds.filter((id) => specOf(id).verb === verb);
    assert.ok(ids.length > 0, verb);
    for (const id of ids) assert.equal(specOf(id).when, contextKeyOf(verb));
  }
});

test('menus name commands of the table only, and each with an icon where it is drawn as one', () => {
  for (const [menu, items] of Object.entries(contributes.menus)) {
    for (const { command, ...item } of items) {
      const id = commandIds.find((known) => known === command);
      assert.ok(id, `${menu}: ${command}`);
      const isIcon = 'group' in item && /^(?:inline|navigation)/.test(item.group);
      if (isIcon) assert.ok(specOf(id).icon, `${menu}: ${command} has no icon`);
    }
  }
});

test('every icon is one that the editor has', () => {
  for (const id of commandIds) {
    const { icon } = specOf(id);
    if (icon !== undefined) assert.ok(codicons.includes(`.codicon-${icon}:before`), icon);
  }
});

test('when-clauses use no key of ours that nobody sets', () => {
  const used = whenClauses().flatMap(({ when, place }) =>
    [...when.matchAll(/\bcallLab\.[\w.]+/g)].map(([key]) => ({ key, place })),
  );
  const views = contributes.views.callLab.map(({ id }) => id);
  assert.ok(used.length > 0);
  for (const { key, place } of used) assert.ok(knownKeys.has(key) || views.includes(key), `${place}: ${key}`);
});

test('menus of the rows look for verbs that there are', () => {
  const flags = whenClauses().flatMap(({ when }) => [...when.matchAll(/can:([\w-]+)/g)].map(([, verb]) => verb));
  assert.ok(flags.length > 0);
  for (const verb of flags) {
    assert.ok(
      verbNames.some((known) => known === verb),
      verb,
    );
  }
});

test('links of the walkthrough and the welcome views run commands with arguments they understand', () => {
  const texts = [
    ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ description }) => description)),
    ...contributes.viewsWelcome.map(({ contents }) => contents),
  ];
  const links = texts.flatMap((text) => [...text.matchAll(/\(command:([\w.]+)(?:\?([^)]*))?\)/g)]);
  assert.ok(links.length > 5);
  for (const [, command = '', query] of links) {
    if (!command.startsWith('callLab.')) continue;
    const id = commandIds.find((known) => known === command);
    assert.ok(id, command);
    const { verb } = specOf(id);
    if (query === undefined || verb === undefined) continue;
    const [argument] = JSON.parse(decodeURIComponent(query)) as unknown[];
    assert.ok(readVerbArguments(verb, argument).phone, command);
  }
});

test('the schema of the phones knows the same fields as the extension', () => {
  const { properties } = contributes.configuration.properties['callLab.phones'].items;
  assert.deepEqual(Object.keys(properties).sort(), [...phoneKeys].sort());
  assert.deepEqual(Object.keys(properties.requires.properties).sort(), [...requiresKeys].sort());
  assert.deepEqual(Object.keys(properties.sessionTimer.properties).sort(), [...sessionTimerKeys].sort());
});

test('the schema of a registration knows the same fields as the extension', () => {
  const { register } = contributes.configuration.properties['callLab.phones'].items.properties;
  const fields = register.anyOf.flatMap((one) => ('properties' in one ? Object.keys(one.properties ?? {}) : []));
  assert.deepEqual(fields.sort(), [...registerKeys].sort());
});

test('the schema of the servers knows the same fields as the extension', () => {
  const { properties } = contributes.configuration.properties['callLab.servers'].additionalProperties;
  assert.deepEqual(Object.keys(properties).sort(), [...serverKeys].sort());
  assert.deepEqual(Object.keys(properties.registrar.properties).sort(), [...registrarKeys].sort());
});

test('a folder that nobody trusts says neither who is there nor that anything starts', () => {
  const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
  assert.deepEqual(restrictedConfigurations, ['callLab.phones', 'callLab.servers', 'callLab.startOnOpen']);
});

test('the default phones are right', () => {
  const { phones, problems } = checkPhones(contributes.configuration.properties['callLab.phones'].default);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    phones.map(({ options }) => options.name),
    ['alice', 'bob', 'charlie'],
  );
});

test('every setting says what it is for', () => {
  for (const [name, setting] of Object.entries(contributes.configuration.properties)) {
    const text = 'description' in setting ? setting.description : setting.markdownDescription;
    assert.ok(text.length > 20, name);
  }
});

test('every file that the manifest names is there', () => {
  const files = new Set<string>();
  const visit = (value: unknown): void => {
    if (
      typeof value === 'string' &&
      /^(?:\.\/)?(?:media|syntaxes|schemas|language-configuration)[\w./-]*$/.test(value)
    ) {
      files.add(value);
    } else if (typeof value === 'object' && value !== null) {
      Object.values(value).forEach(visit);
    }
  };
  visit(manifest);
  assert.ok(files.size > 5);
  for (const file of files) assert.ok(existsSync(path.join(root, file)), file);
});
