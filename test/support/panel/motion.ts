/** Runs in a page before anything else: notes everything that moves by itself, wherever it is written that it should. */
export const noteMotion = `
(() => {
  window.motions = [];
  const note = (what) => window.motions.push(what);
  const animate = Element.prototype.animate;
  Element.prototype.animate = function (...given) { note('animate ' + this.tagName); return animate.apply(this, given); };
  for (const name of ['scrollIntoView', 'scrollTo', 'scrollBy']) {
    const scroll = Element.prototype[name];
    Element.prototype[name] = function (...given) {
      if (given[0]?.behavior === 'smooth' || getComputedStyle(this).scrollBehavior === 'smooth') note(name + ' ' + this.className);
      return scroll.apply(this, given);
    };
  }
  for (const type of ['animationstart', 'transitionrun']) document.addEventListener(type, ({ target }) => note(type + ' ' + target.tagName), true);
})();`;

/** Elements of a page whose style lets them move: with a transition, an animation or a smooth way to scroll. */
export const movable = `[...document.querySelectorAll('*')].filter((one) => {
  const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(one);
  return /[1-9]/.test(transitionDuration) || animationName !== 'none' || scrollBehavior === 'smooth';
}).map((one) => one.tagName + '.' + one.className)`;
