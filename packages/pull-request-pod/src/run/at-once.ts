/**
 * Waits for all of them, and then throws what the first one in the list has thrown, not the first in time: the same trouble gives the same
 * error each time, and nothing is still under way when the caller cleans up.
 */
export async function atOnce<const Work extends readonly unknown[]>(
  work: Work,
): Promise<{ -readonly [At in keyof Work]: Awaited<Work[At]> }> {
  const settled = await Promise.allSettled(work);
  const values = settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
  return values as { -readonly [At in keyof Work]: Awaited<Work[At]> };
}
