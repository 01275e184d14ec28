/** Before the first retry, in milliseconds; doubled before each further one. */
const FIRST_MS = 50;
/** As long as it gets: a server that comes back is found within a second. */
const LONGEST_MS = 1_000;

/**
 * How long to wait before trying again, in milliseconds: 25 to 50 at first, 500 to 1 000 from the sixth time on. The
 * spread keeps a hundred processes that lost one server from coming back to it at one moment.
 *
 * @param failures how many tries have failed in a row before this one, 0 for none
 * @param random gives a number of at least 0 and less than 1
 */
export function backoffMs(failures: number, random: () => number): number {
  return Math.min(FIRST_MS * 2 ** failures, LONGEST_MS) * (0.5 + random() / 2);
}
