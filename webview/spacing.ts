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
  if (lanes < 2) return { laneWidth, laneMargin: leastDistance - laneWidth };
  const distance = Math.floor((available - 2 * sideMargin - laneWidth) / (lanes - 1));
  return { laneWidth, laneMargin: Math.min(greatestDistance, Math.max(leastDistance, distance)) - laneWidth };
}
