/** Sizes of the ladder's columns, in CSS pixels. */
export interface Columns {
  /** Of a lane's box, and the least that a message's words get for a line. */
  readonly laneWidth: number;
  /** Between two boxes. */
  readonly laneMargin: number;
}

const laneWidth = 100;
/** A row's words break into lines below the least distance, and look lost above the greatest. */
const leastDistance = 145;
const greatestDistance = 280;
/** Room at both sides of the diagram, and for the scroll bar. */
export const sideMargin = 16;

/** Spreads the lanes over the width there is, within reason; where it is too little, the ladder scrolls sideways. */
export function columnsFor(lanes: number, available: number): Columns {
  const distance = Math.floor(
    Math.min(greatestDistance, Math.max(leastDistance, distanceFor(lanes, available - 2 * sideMargin))),
  );
  return { laneWidth, laneMargin: distance - laneWidth };
}

/**
 * The distance of two lifelines at which the diagram is as wide as `inner`. Beyond its outer lifelines it has half a
 * lane's box, or half the margin where that is more: as far does Mermaid draw a note that stands over several lanes.
 */
function distanceFor(lanes: number, inner: number): number {
  if (lanes < 2) return leastDistance;
  const byBoxes = (inner - laneWidth) / (lanes - 1);
  return byBoxes <= 2 * laneWidth ? byBoxes : Math.max(2 * laneWidth, (inner + laneWidth) / lanes);
}
