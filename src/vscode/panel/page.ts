import { escapeHtml } from '../../export';

/** What the panel's page is made of. */
export interface PageParts {
  readonly script: string;
  readonly style: string;
  /** Where the extension's own files come from, as a source of the content security policy. */
  readonly source: string;
  /** Allows the one script, and what it imports. New for every page. */
  readonly nonce: string;
  readonly follow: boolean;
  /** Translations of the page's words, by the English ones. */
  readonly texts: Readonly<Record<string, string>>;
  /** Whether it turns a drawing into pixels, for which it loads its own SVG as an image; false unless given. */
  readonly makesImages?: boolean;
  /** What else the page is told from the start, as `data-` attributes of its body. */
  readonly data?: Readonly<Record<string, string>>;
}

/** The panel's page: empty but for the script that fills it. */
export function page({ script, style, source, nonce, follow, texts, makesImages = false, data = {} }: PageParts): string {
  const told = Object.entries(data).map(([name, value]) => ` data-${escapeHtml(name)}="${escapeHtml(value)}"`);
  const policy = [
    `default-src 'none'`,
    // Scripts run by nonce alone. What a script with it imports has it too, so Mermaid's split-off chunks load.
    `script-src 'nonce-${nonce}'`,
    // Mermaid measures and draws with <style> elements and style attributes of its own making, in the page, for each
    // diagram: their text differs every time, so neither a hash nor a nonce can name it. Styles cannot run anything,
    // every source but our own folder stays closed to them (no image, no font, no import from elsewhere), and no
    // stranger's text becomes markup.
    `style-src ${source} 'unsafe-inline'`,
    `font-src ${source}`,
    // Data of the page's own making: nothing is fetched by it.
    ...(makesImages ? ['img-src data:'] : []),
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" href="${escapeHtml(style)}">
  <title>Call Lab</title>
</head>
<body data-follow="${escapeHtml(String(follow))}" data-texts="${escapeHtml(JSON.stringify(texts))}"${told.join('')}>
  <script type="module" nonce="${escapeHtml(nonce)}" src="${escapeHtml(script)}"></script>
</body>
</html>
`;
}
