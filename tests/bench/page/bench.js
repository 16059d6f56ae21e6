// Times every case: the peers take turns, several rounds, so that what else the machine does hits all of them alike.

import { CASES } from './cases.js';
import * as onnxruntime from './onnxruntime.js';
import * as receptive from './receptive.js';
import * as tensorflow from './tensorflow.js';
import { sample, warm } from './timing.js';

const PEERS = { receptive, tensorflow, onnxruntime };
let loaded;

async function peers() {
  if (!loaded) {
    loaded = {};
    for (const [name, peer] of Object.entries(PEERS)) loaded[name] = await peer.load();
  }
  return loaded;
}

/** The largest difference of two lists of arrays, relative to the largest number of each array. */
function difference(got, want) {
  let worst = got.length === want.length ? 0 : Infinity;
  got.forEach((values, number) => {
    const expected = want[number] ?? [];
    if (values.length !== expected.length) worst = Infinity;
    let [most, off] = [0, 0];
    values.forEach((value, at) => {
      most = Math.max(most, Math.abs(expected[at]));
      off = Math.max(off, Math.abs(value - expected[at]));
    });
    worst = Math.max(worst, off / (most || 1));
  });
  return worst;
}

/** One case of the list, by its number. */
async function runCase(number, { rounds, budget, lowest }) {
  const kase = CASES[number];
  const data = kase.data();
  const works = {};
  for (const [name, peer] of Object.entries(await peers())) {
    const work = await peer.prepare(kase, data);
    if (!work) continue;
    works[name] = [work, [work.run]];
    if (work.runAndCopy) works[name][1].push(work.runAndCopy);
  }
  // Everybody's numbers against ours, or against TensorFlow.js where we have none.
  const values = {};
  for (const [name, [work]] of Object.entries(works)) values[name] = await work.read();
  const reference = Object.keys(values)[0];
  const differences = Object.fromEntries(Object.keys(values).map((name) => [name, difference(values[name], values[reference])]));

  const times = {};
  const calls = {};
  for (const [name, [, runs]] of Object.entries(works)) {
    times[name] = runs.map(() => []);
    calls[name] = [];
    for (const run of runs) calls[name].push(await warm(run, lowest));
  }
  for (let round = 0; round < rounds; round++) {
    for (const [name, [, runs]] of Object.entries(works)) {
      for (const [at, run] of runs.entries()) times[name][at].push(await sample(run, calls[name][at], budget, lowest));
    }
  }
  for (const [work] of Object.values(works)) await work.free();

  // What else the machine does only ever adds time: of the rounds' medians the lowest counts, for every peer alike.
  const ms = (name, at = 0) => (times[name]?.[at] ? Math.min(...times[name][at]) : null);
  const ratio = (peer, at) => (works.receptive && works[peer] ? ms(peer) / ms('receptive', at) : null);
  return {
    title: kase.title,
    hold: kase.hold ?? null,
    reach: kase.reach ?? null,
    ms: { receptive: ms('receptive'), copied: ms('receptive', 1), tensorflow: ms('tensorflow'), onnxruntime: ms('onnxruntime') },
    ratios: [ratio('tensorflow', 0), ratio('onnxruntime', 1)],
    differences,
  };
}

window.bench = { titles: CASES.map(({ title }) => title), runCase };
