// The shapes that are timed, and their numbers: the same for every peer.
// Layout: images [c, h, w], kernels [out, in / groups, k, k], transposed kernels [in, out, k, k], tokens [heads, tokens, width].

/** `length` numbers of [-scale, scale), the same for the same seed (a linear congruential generator). */
export function numbers(length, seed, scale = 1) {
  const values = new Float32Array(length);
  let state = seed * 7919 + 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = (state / 2 ** 31 - 1) * scale;
  }
  return values;
}

/** The product of a column and a row, for each of `planes` kernels. */
function separable(k, seed) {
  const [column, row] = [numbers(k, seed), numbers(k, seed + 1)];
  return Float32Array.from({ length: k * k }, (_, at) => column[Math.floor(at / k)] * row[at % k]);
}

function conv(title, channels, size, outputs, k, { stride = 1, padding = (k - 1) >> 1, groups = 1, factors, hold, reach } = {}) {
  const weights = (outputs * channels / groups) * k * k;
  const scale = Math.sqrt(3 / (channels / groups * k * k));
  return {
    title, hold, reach, kind: 'conv2d', channels, size, outputs, k, stride, padding, groups,
    out: Math.floor((size + 2 * padding - k) / stride) + 1,
    data: () => ({
      x: numbers(channels * size * size, 1),
      weight: factors ? separable(k, 2) : numbers(weights, 2, scale),
    }),
  };
}

const backward = (forward) => ({
  ...forward, title: `backward of ${forward.title}`, kind: 'conv2d_backward', hold: undefined, reach: undefined,
  data: () => ({ ...forward.data(), grad: numbers(forward.outputs * forward.out ** 2, 3) }),
});

function attention(tokens, hold, reach) {
  const [heads, width] = [8, 32];
  const length = heads * tokens * width;
  return {
    title: `attention with maps, 8 heads × 32, ${tokens} tokens`, hold, reach, kind: 'attention', tokens, heads, width,
    data: () => ({ q: numbers(length, 1, 2), k: numbers(length, 2, 2), v: numbers(length, 3) }),
  };
}

function unitGradient(channels, hold, reach) {
  const [layers, size] = [20, 64];
  const weights = (layer) => channels === 1
    ? numbers(9, 10 + layer, 0.3).map(Math.abs)
    : numbers(channels * channels * 9, 10 + layer, 1.5 * Math.sqrt(2 / (9 * channels)));
  return {
    title: `gradient of one unit, ${layers} layers 3×3, ${channels} channel${channels > 1 ? 's' : ''}, 64×64`,
    hold, reach, kind: 'unit_gradient', channels, layers, size,
    data: () => ({ x: numbers(channels * size * size, 1), weights: Array.from({ length: layers }, (_, layer) => weights(layer)) }),
  };
}

const large = conv('one channel 15×15 on 512×512', 1, 512, 1, 15, { hold: [15, 3] });
const many = conv('conv 3×3, 56×56×64→64', 64, 56, 64, 3, { hold: [2.5, 2.8], reach: [4, 4.5] });

/** `hold` and `reach` are the ratios (TensorFlow.js, ONNX Runtime) that the project holds itself to. */
export const CASES = [
  conv('conv 7×7 s2, 224×224×3→64', 3, 224, 64, 7, { stride: 2, hold: [1, 1.2], reach: [1.3, 1.8] }),
  many,
  conv('depthwise 3×3, 56×56×128', 128, 56, 128, 3, { groups: 128, hold: [1, 1.2], reach: [2, 2] }),
  conv('conv 1×1, 28×28×256→256', 256, 28, 256, 1, { hold: [1, 1.1], reach: [1.25, 1.5] }),
  conv('one channel 3×3 on 512×512', 1, 512, 1, 3, { hold: [8, 1.1], reach: [12, 1.4] }),
  large,
  conv('the same, separable', 1, 512, 1, 15, { factors: true, hold: [15, 3], reach: [60, 10] }),
  { title: 'max pool 2×2, 112×112×64', hold: [0.8, 1.1], reach: [1.2, 1.6], kind: 'max_pool2d', channels: 64, size: 112, k: 2, stride: 2, out: 56, data: () => ({ x: numbers(64 * 112 * 112, 1) }) },
  {
    title: 'transposed 4×4 s2, 32×32×64→32', hold: [8, 1], reach: [13, 1.5], kind: 'conv_transpose2d',
    channels: 64, size: 32, outputs: 32, k: 4, stride: 2, padding: 1, out: 64,
    data: () => ({ x: numbers(64 * 32 * 32, 1), weight: numbers(64 * 32 * 16, 2, Math.sqrt(3 / 256)) }),
  },
  attention(128, [8, 1.2], [12, 1.6]),
  attention(512, [8, 1.2], [12, 1.6]),
  unitGradient(1, [100, 12], [150, 18]),
  unitGradient(16, [30, 6], [55, 10]),
  backward(large),
  backward(many),
];
