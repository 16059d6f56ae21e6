// ONNX Runtime Web, WebAssembly provider, one thread. It always hands out copies of its outputs.

import { model } from './onnx.js';

const square = (size) => [size, size];
const image = (channels, size) => [1, channels, size, size];

const graphs = {
  conv2d: ({ channels, size, outputs, k, stride, padding, groups, out }, { weight }) => ({
    nodes: [['Conv', ['x', 'w'], ['y'], { kernel_shape: square(k), strides: square(stride), pads: Array(4).fill(padding), group: groups }]],
    inputs: { x: image(channels, size) },
    outputs: { y: image(outputs, out) },
    constants: { w: [[outputs, channels / groups, k, k], weight] },
  }),
  max_pool2d: ({ channels, size, k, stride, out }) => ({
    nodes: [['MaxPool', ['x'], ['y'], { kernel_shape: square(k), strides: square(stride) }]],
    inputs: { x: image(channels, size) },
    outputs: { y: image(channels, out) },
  }),
  conv_transpose2d: ({ channels, size, outputs, k, stride, padding, out }, { weight }) => ({
    nodes: [['ConvTranspose', ['x', 'w'], ['y'], { kernel_shape: square(k), strides: square(stride), pads: Array(4).fill(padding) }]],
    inputs: { x: image(channels, size) },
    outputs: { y: image(outputs, out) },
    constants: { w: [[channels, outputs, k, k], weight] },
  }),
  attention: ({ heads, tokens, width }) => {
    const rows = [1, heads, tokens, width];
    return {
      nodes: [
        ['Transpose', ['k'], ['turned'], { perm: [0, 1, 3, 2] }],
        ['MatMul', ['q', 'turned'], ['products']],
        ['Mul', ['products', 'scale'], ['scores']],
        ['Softmax', ['scores'], ['maps'], { axis: -1 }],
        ['MatMul', ['maps', 'v'], ['y']],
      ],
      inputs: { q: rows, k: rows, v: rows },
      outputs: { y: rows, maps: [1, heads, tokens, tokens] },
      constants: { scale: [[], Float32Array.of(1 / Math.sqrt(width))] },
    };
  },
  // There is no gradient in ONNX: the backward pass is written out, layer by layer.
  unit_gradient: ({ channels, layers, size }, { weights }) => {
    const nodes = [];
    const constants = { zero: [[], Float32Array.of(0)] };
    let at = 'x';
    weights.forEach((values, layer) => {
      constants[`w${layer}`] = [[channels, channels, 3, 3], values];
      if (layer === layers - 1) return; // its value is not asked for, only its gradient
      nodes.push(['Conv', [at, `w${layer}`], [`z${layer}`], { pads: [1, 1, 1, 1] }], ['Relu', [`z${layer}`], [`a${layer}`]]);
      at = `a${layer}`;
    });
    const seed = new Float32Array(channels * size * size);
    for (let c = 0; c < channels; c++) seed[(c * size + size / 2) * size + size / 2] = 1;
    constants.seed = [image(channels, size), seed];
    at = 'seed';
    for (let layer = layers - 1; layer >= 0; layer--) {
      const to = layer === 0 ? 'y' : `g${layer}`;
      nodes.push(['ConvTranspose', [at, `w${layer}`], [to], { pads: [1, 1, 1, 1] }]);
      if (layer > 0) {
        nodes.push(
          ['Greater', [`a${layer - 1}`, 'zero'], [`open${layer}`]],
          ['Cast', [`open${layer}`], [`mask${layer}`], { to: 1 }],
          ['Mul', [to, `mask${layer}`], [`masked${layer}`]],
        );
      }
      at = `masked${layer}`;
    }
    return { nodes, constants, inputs: { x: image(channels, size) }, outputs: { y: image(channels, size) } };
  },
};

export async function load() {
  const dist = '/node_modules/onnxruntime-web/dist/';
  const ort = await import(`${dist}ort.wasm.min.mjs`);
  Object.assign(ort.env.wasm, { wasmPaths: dist, numThreads: 1, proxy: false });
  ort.env.logLevel = 'error';

  return {
    async prepare(kase, data) {
      const graph = graphs[kase.kind]?.(kase, data);
      if (!graph) return null;
      const session = await ort.InferenceSession.create(model(graph), { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
      const feeds = Object.fromEntries(Object.entries(graph.inputs).map(([name, shape]) => [name, new ort.Tensor('float32', data[name], shape)]));
      const run = () => session.run(feeds);
      return {
        run,
        read: async () => {
          const outputs = await run();
          return Object.keys(graph.outputs).map((name) => outputs[name].data.slice());
        },
        free: () => session.release(),
      };
    },
  };
}
