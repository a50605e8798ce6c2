/** A row's words break into lines below the least distance, and look lost above the greatest. In CSS pixels. */
const leastDistance = 145;
const greatestDistance = 280;

/**
 * The distance of two lifelines: the lanes are spread over the width there is, within reason; where it is too little,
 * the ladder scrolls sideways. Beyond its outer lifelines a ladder has half a distance on either side.
 */
export function distanceFor(lanes: number, available: number): number {
  return Math.floor(Math.min(greatestDistance, Math.max(leastDistance, available / Math.max(1, lanes))));
}
