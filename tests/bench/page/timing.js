// How long a piece of work takes, on a machine that others use too.

// Milliseconds: long enough for the clock, short enough to be left alone now and then.
const MIN_SAMPLE = 3;
const SHORT_SAMPLE = 1;
const now = () => performance.now();

async function repeat(run, times) {
  for (let i = 0; i < times; i++) {
    const pending = run();
    if (pending instanceof Promise) await pending;
  }
}

/** Runs the work until the browser has compiled it well; gives the number of calls that make one sample. */
export async function warm(run, lowest, budget = 300) {
  let calls = 0;
  const start = now();
  while (calls < 3 || (now() - start < budget && calls < 10_000)) {
    await repeat(run, 1);
    calls++;
  }
  await new Promise((resolve) => setTimeout(resolve, 30)); // compiled in the background until now
  const begun = now();
  await repeat(run, Math.min(calls, 5));
  return Math.max(1, Math.ceil((lowest ? SHORT_SAMPLE : MIN_SAMPLE) / Math.max((now() - begun) / Math.min(calls, 5), 1e-3)));
}

/** The median time of one call, of at least three samples; or the lowest. */
export async function sample(run, calls, budget, lowest) {
  const times = [];
  const start = now();
  while (times.length < 3 || (now() - start < budget && times.length < 100)) {
    const begun = now();
    await repeat(run, calls);
    times.push((now() - begun) / calls);
  }
  return lowest ? Math.min(...times) : median(times);
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
