/** A colour of the editor's theme, as the browser computes it: `rgb(r, g, b)` or `rgba(r, g, b, a)`. */
export interface ThemeColours {
  readonly background: string;
  readonly foreground: string;
  readonly muted: string;
  readonly border: string;
  readonly laneBackground: string;
  readonly laneForeground: string;
  readonly laneBorder: string;
  readonly noteBackground: string;
  readonly noteForeground: string;
  readonly noteBorder: string;
  readonly accent: string;
}

/**
 * The editor's variable for each colour, and those to fall back on where a theme leaves it out (high contrast does).
 */
export const colourSources: Readonly<Record<keyof ThemeColours, readonly string[]>> = {
  background: ['--vscode-editor-background'],
  foreground: ['--vscode-editor-foreground', '--vscode-foreground'],
  muted: ['--vscode-descriptionForeground', '--vscode-foreground'],
  border: [
    '--vscode-contrastBorder',
    '--vscode-editorIndentGuide-activeBackground1',
    '--vscode-panel-border',
    '--vscode-foreground',
  ],
  laneBackground: ['--vscode-editorWidget-background', '--vscode-sideBar-background', '--vscode-editor-background'],
  laneForeground: ['--vscode-editorWidget-foreground', '--vscode-foreground'],
  laneBorder: [
    '--vscode-contrastBorder',
    '--vscode-widget-border',
    '--vscode-editorWidget-border',
    '--vscode-foreground',
  ],
  noteBackground: [
    '--vscode-textBlockQuote-background',
    '--vscode-editorWidget-background',
    '--vscode-editor-background',
  ],
  noteForeground: ['--vscode-foreground'],
  noteBorder: [
    '--vscode-contrastBorder',
    '--vscode-textBlockQuote-border',
    '--vscode-editorWidget-border',
    '--vscode-foreground',
  ],
  accent: ['--vscode-focusBorder', '--vscode-foreground'],
};

/** Mermaid's theme variables for a sequence diagram; whatever else its base theme derives, it derives from these. */
export function mermaidVariables(colours: ThemeColours, isDark: boolean): Readonly<Record<string, string | boolean>> {
  return {
    darkMode: isDark,
    background: colours.background,
    primaryColor: colours.laneBackground,
    primaryTextColor: colours.laneForeground,
    primaryBorderColor: colours.laneBorder,
    secondaryColor: colours.laneBackground,
    tertiaryColor: colours.background,
    lineColor: colours.foreground,
    textColor: colours.foreground,
    actorBkg: colours.laneBackground,
    actorBorder: colours.laneBorder,
    actorTextColor: colours.laneForeground,
    actorLineColor: colours.border,
    signalColor: colours.foreground,
    signalTextColor: colours.foreground,
    labelBoxBkgColor: colours.laneBackground,
    labelBoxBorderColor: colours.laneBorder,
    labelTextColor: colours.laneForeground,
    loopTextColor: colours.foreground,
    noteBkgColor: colours.noteBackground,
    noteTextColor: colours.noteForeground,
    noteBorderColor: colours.noteBorder,
    activationBkgColor: colours.laneBackground,
    activationBorderColor: colours.laneBorder,
    sequenceNumberColor: colours.background,
  };
}

/**
 * The colour without transparency, as it looks on `behind`. Mermaid mixes and darkens colours, and a translucent box
 * would let the lane's line shine through its text.
 */
export function opaque(colour: string, behind: string): string {
  const top = channels(colour);
  const bottom = channels(behind);
  if (top === undefined || bottom === undefined) return colour;
  const [r, g, b, alpha] = top;
  const mix = (over: number, under: number): number => Math.round(over * alpha + under * (1 - alpha));
  return `rgb(${mix(r, bottom[0])}, ${mix(g, bottom[1])}, ${mix(b, bottom[2])})`;
}

type Channels = readonly [r: number, g: number, b: number, alpha: number];

function channels(colour: string): Channels | undefined {
  const found = /^rgba?\(\s*([\d.]+)[,\s]+([\d.]+)[,\s]+([\d.]+)(?:[,/\s]+([\d.]+)(%?))?\s*\)$/u.exec(colour);
  if (found === null) return undefined;
  const [, r, g, b, alpha, percent] = found;
  const opacity = alpha === undefined ? 1 : Number(alpha) / (percent === '%' ? 100 : 1);
  return [Number(r), Number(g), Number(b), opacity];
}
