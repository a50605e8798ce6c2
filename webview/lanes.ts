import { element } from './element';

/** The names of the lanes, over their lines, for when Mermaid's own have scrolled out of view. */
export class LaneHeader {
  readonly element = element('div', 'lanes');

  constructor() {
    // A repetition for the eye: the diagram has the names for everybody else.
    this.element.setAttribute('aria-hidden', 'true');
  }

  /** Takes names and places from a drawn diagram. */
  show(svg: SVGSVGElement): void {
    const left = svg.viewBox.baseVal.x;
    const lanes = [...svg.querySelectorAll<SVGGraphicsElement>('[data-et="participant"]')].map((participant) => {
      const box = participant.getBBox();
      const name = participant.querySelector('text')?.textContent ?? '';
      const lane = element('span', 'lane', name);
      lane.style.left = `${box.x - left}px`;
      lane.style.width = `${box.width}px`;
      return { lane, bottom: box.y + box.height };
    });
    this.element.style.width = `${svg.viewBox.baseVal.width}px`;
    this.element.dataset['below'] = String(Math.max(0, ...lanes.map(({ bottom }) => bottom)));
    this.element.replaceChildren(...lanes.map(({ lane }) => lane));
  }

  /** Shown only where the diagram's own header is gone. */
  scrolled(scrollTop: number): void {
    this.element.classList.toggle('needed', scrollTop > Number(this.element.dataset['below'] ?? 0));
  }
}
