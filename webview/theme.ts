import { colourSources, mermaidVariables, opaque, type ThemeColours } from './colours';

/** What Mermaid is told of the editor's theme. */
export interface Theme {
  readonly variables: Readonly<Record<string, string | boolean>>;
  readonly fontFamily: string;
  /** In CSS pixels. */
  readonly fontSize: number;
}

/** The editor's theme, as its variables stand now. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const isDark = document.body.matches('.vscode-dark, .vscode-high-contrast:not(.vscode-high-contrast-light)');
  const probe = document.createElement('span');
  document.body.append(probe);
  const resolve = (names: readonly string[], behind: string): string => {
    const name = names.find((candidate) => style.getPropertyValue(candidate).trim() !== '');
    if (name === undefined) return behind;
    probe.style.color = `var(${name})`;
    return opaque(getComputedStyle(probe).color, behind);
  };
  const background = resolve(colourSources.background, isDark ? 'rgb(0, 0, 0)' : 'rgb(255, 255, 255)');
  const names = Object.keys(colourSources) as (keyof ThemeColours)[];
  const colours = Object.fromEntries(names.map((name) => [name, resolve(colourSources[name], background)]));
  probe.remove();
  return {
    variables: mermaidVariables(colours as Record<keyof ThemeColours, string>, isDark),
    fontFamily: style.getPropertyValue('--vscode-font-family').trim() || 'sans-serif',
    fontSize: Number.parseFloat(style.getPropertyValue('--vscode-font-size')) || 13,
  };
}

/** Tells whenever the person chooses another theme. */
export function watchTheme(onChange: () => void): void {
  // VS Code marks the body with the theme's kind and name, and sets the variables on the root element.
  const observer = new MutationObserver(onChange);
  observer.observe(document.body, { attributeFilter: ['class', 'data-vscode-theme-id', 'data-vscode-theme-kind'] });
  observer.observe(document.documentElement, { attributeFilter: ['style'] });
}
