import { element } from '../element';
import { say } from '../texts';
import { readTheme } from '../theme';
import { drawPicture } from './draw';
import type { PictureView } from './protocol';

/** What browsers bear: the longest side of a canvas, and its pixels in all. */
const longestSide = 16_000;
const mostPixels = 120_000_000;
/** A picture is to be sharp on a screen of twice the pixels. */
const wantedScale = 2;
const leastScale = 0.5;

/** Draws one diagram as a file, shows it meanwhile, and says what came of it. */
export class PicturePage {
  readonly elements: readonly HTMLElement[];
  readonly #canvas = element('main', 'graph');
  readonly #options: { readonly onDrawn: (data: string) => void; readonly onTrouble: (error: unknown) => void };
  #isDrawn = false;

  constructor(options: { readonly onDrawn: (data: string) => void; readonly onTrouble: (error: unknown) => void }) {
    this.#options = options;
    this.elements = [this.#canvas];
  }

  show(view: PictureView): void {
    if (this.#isDrawn) return;
    this.#isDrawn = true;
    this.#draw(view).catch(this.#options.onTrouble);
  }

  async #draw({ diagram, format }: PictureView): Promise<void> {
    const picture = await drawPicture(diagram, readTheme());
    this.#canvas.replaceChildren(picture);
    const svg = new XMLSerializer().serializeToString(picture);
    this.#options.onDrawn(format === 'svg' ? svg : await toPng(svg, picture));
  }
}

/** The picture in pixels, as Base64. Rejects when it is larger than a browser can make it. */
async function toPng(svg: string, { viewBox: { baseVal } }: SVGSVGElement): Promise<string> {
  const { width, height } = baseVal;
  const scale = Math.min(wantedScale, longestSide / width, longestSide / height, Math.sqrt(mostPixels / (width * height)));
  if (scale < leastScale) throw new Error(say('The diagram is too large for a PNG. Take SVG, or a page of its own.'));
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = element('canvas', '');
  canvas.width = Math.ceil(width * scale);
  canvas.height = Math.ceil(height * scale);
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/png').replace(/^[^,]*,/u, '');
}
