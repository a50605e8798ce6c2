import assert from 'node:assert/strict';
import { test } from 'node:test';
import { colourSources, mermaidVariables, opaque, type ThemeColours } from '../../../webview/colours';

test('a translucent colour becomes what it looks like on its background', () => {
  assert.equal(opaque('rgba(255, 255, 255, 0.5)', 'rgb(0, 0, 0)'), 'rgb(128, 128, 128)');
  assert.equal(opaque('rgb(10 20 30 / 0%)', 'rgb(1, 2, 3)'), 'rgb(1, 2, 3)');
  assert.equal(opaque('rgb(10, 20, 30)', 'rgb(1, 2, 3)'), 'rgb(10, 20, 30)');
});

test('a colour that cannot be read stays as it is', () => {
  assert.equal(opaque('color(srgb 1 0 0)', 'rgb(0, 0, 0)'), 'color(srgb 1 0 0)');
});

test('every colour that Mermaid is told comes from the theme', () => {
  const names = Object.keys(colourSources) as (keyof ThemeColours)[];
  const colours = Object.fromEntries(names.map((name) => [name, `the ${name}`])) as Record<keyof ThemeColours, string>;
  const { darkMode, ...variables } = mermaidVariables(colours, true);
  assert.equal(darkMode, true);
  for (const [variable, colour] of Object.entries(variables)) assert.match(String(colour), /^the /, variable);
});

test('each colour has a variable of the editor to fall back on', () => {
  for (const [name, sources] of Object.entries(colourSources)) {
    assert.ok(sources.length > 0, name);
    for (const source of sources) assert.match(source, /^--vscode-/);
  }
});
