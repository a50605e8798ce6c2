import { element } from './element';

/** The names of the lanes, over their lines, for when Mermaid's own have scrolled out of view. */
export class LaneHeader {
  readonly element = element('div', 'lanes');
  readonly #strip = element('div', 'strip');
  #bottom = 0;

  constructor() {
    // A repetition for the eye: the diagram has the names for everybody else.
    this.element.setAttribute('aria-hidden', 'true');
    this.element.append(this.#strip);
  }

  /** Takes names and places from a drawn diagram, which stands in `scroller`. */
  show(svg: SVGSVGElement, scroller: Element): void {
    // The header stays while the diagram scrolls sideways, so places are counted as if nothing had been scrolled.
    const left =
      svg.getBoundingClientRect().left -
      scroller.getBoundingClientRect().left +
      scroller.scrollLeft -
      svg.viewBox.baseVal.x;
    const lanes = [...svg.querySelectorAll<SVGGraphicsElement>('[data-et="participant"]')].map((participant) => {
      const box = participant.getBBox();
      const lane = element('span', 'lane', participant.querySelector('text')?.textContent ?? '');
      lane.style.left = `${box.x + left}px`;
      lane.style.width = `${box.width}px`;
      return { lane, bottom: box.y + box.height - svg.viewBox.baseVal.y };
    });
    this.#bottom = Math.max(0, ...lanes.map(({ bottom }) => bottom));
    this.#strip.replaceChildren(...lanes.map(({ lane }) => lane));
    this.scrolled(scroller, svg);
  }

  /** Shown only where the diagram's own header is gone. */
  scrolled(scroller: Element, svg: SVGSVGElement): void {
    const above = scroller.getBoundingClientRect().top - svg.getBoundingClientRect().top;
    this.element.classList.toggle('needed', above > this.#bottom);
    this.#strip.style.transform = `translateX(${-scroller.scrollLeft}px)`;
  }
}
