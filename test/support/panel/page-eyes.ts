/**
 * Runs in a page before anything else: notes when things are on the screen. A row counts as seen after the frame in which
 * its group was there; times are milliseconds since 1970.
 */
export const eyes = `
(() => {
  const now = () => performance.timeOrigin + performance.now();
  const afterPaint = (then) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => then(now());
    channel.port2.postMessage(0);
  });
  const rows = new Map();
  const wait = {};
  const firstRow = new Promise((resolve) => { wait.row = resolve; });
  const firstDrawing = new Promise((resolve) => { wait.drawing = resolve; });
  const observer = new MutationObserver((records) => {
    const found = [];
    let drawn = false;
    for (const { addedNodes } of records) for (const node of addedNodes) {
      if (!(node instanceof Element)) continue;
      if (node.matches('g.row')) found.push(node.dataset.row);
      for (const row of node.querySelectorAll('g.row')) found.push(row.dataset.row);
      if (node.matches('svg.drawing') || node.querySelector('svg.drawing')) drawn = true;
    }
    if (found.length > 0) afterPaint((at) => {
      for (const id of found) if (!rows.has(id)) rows.set(id, at);
      wait.row(at);
    });
    if (drawn) afterPaint((at) => {
      const blank = [...document.querySelectorAll('.chunk')].some((chunk) => chunk.querySelector('svg.drawing') === null);
      if (!blank) wait.drawing(at);
    });
  });
  observer.observe(document, { childList: true, subtree: true });
  window.eyes = {
    rows, firstRow, firstDrawing, afterPaint,
    memory: async () => {
      window.gc();
      await new Promise((resolve) => setTimeout(resolve, 200));
      window.gc();
      return performance.memory.usedJSHeapSize / 1048576;
    },
    // Five seconds downwards at some 2,400 pixels a second, as a wheel turned steadily.
    scroll: (selector) => new Promise((resolve) => {
      const scroller = document.querySelector(selector);
      scroller.scrollTop = 0;
      let last;
      const result = { frames: 0, long: 0 };
      const start = performance.now();
      const step = (time) => {
        if (last !== undefined) {
          result.frames += 1;
          if (time - last > 25) result.long += 1;
        }
        last = time;
        if (performance.now() - start > 5000) { scroller.scrollTop = scroller.scrollHeight; requestAnimationFrame(() => resolve(result)); return; }
        scroller.scrollTop += 40;
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    }),
  };
})();`;
