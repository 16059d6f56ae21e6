// TensorFlow.js, WebAssembly backend, one thread. Its images are [h, w, c].

const script = (source) => new Promise((loaded, failed) => {
  const element = Object.assign(document.createElement('script'), { src: source, onload: loaded, onerror: failed });
  document.head.append(element);
});

export async function load() {
  const packages = '/node_modules/@tensorflow';
  await script(`${packages}/tfjs/dist/tf.min.js`); // the small package lacks the gradients
  await script(`${packages}/tfjs-backend-wasm/dist/tf-backend-wasm.min.js`);
  const tf = globalThis.tf;
  tf.enableProdMode();
  tf.wasm.setWasmPaths(`${packages}/tfjs-backend-wasm/dist/`);
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  await tf.setBackend('wasm');
  await tf.ready();
  if (!await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) throw new Error('TensorFlow.js runs without SIMD');

  const image = (values, channels, size) => tf.tidy(() => tf.transpose(tf.tensor(values, [1, channels, size, size]), [0, 2, 3, 1]));
  const planes = (tensor) => tf.tidy(() => tf.transpose(tensor, [0, 3, 1, 2]).dataSync().slice());
  const plain = (tensor) => tensor.dataSync().slice();
  const kernel = (values, shape, order) => tf.tidy(() => tf.transpose(tf.tensor(values, shape), order));

  // each: [tensors to keep, the work, how to read one output]
  const prepare = {
    conv2d({ channels, size, outputs, k, stride, padding, groups }, data) {
      const x = image(data.x, channels, size);
      if (groups > 1) {
        const weight = kernel(data.weight, [channels, 1, k, k], [2, 3, 0, 1]);
        return [[x, weight], () => tf.depthwiseConv2d(x, weight, stride, padding), planes];
      }
      const weight = kernel(data.weight, [outputs, channels, k, k], [2, 3, 1, 0]);
      return [[x, weight], () => tf.conv2d(x, weight, stride, padding), planes];
    },
    max_pool2d({ channels, size, k, stride }, data) {
      const x = image(data.x, channels, size);
      return [[x], () => tf.maxPool(x, k, stride, 'valid'), planes];
    },
    conv_transpose2d({ channels, size, outputs, k, stride, out }, data) {
      const x = image(data.x, channels, size);
      const weight = kernel(data.weight, [channels, outputs, k, k], [2, 3, 1, 0]);
      return [[x, weight], () => tf.conv2dTranspose(x, weight, [1, out, out, outputs], stride, 'same'), planes];
    },
    attention({ heads, tokens, width }, data) {
      const [q, k, v] = [data.q, data.k, data.v].map((values) => tf.tensor(values, [heads, tokens, width]));
      const work = () => {
        const maps = tf.softmax(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(width)));
        return [tf.matMul(maps, v), maps];
      };
      return [[q, k, v], work, plain];
    },
    unit_gradient({ channels, layers, size }, data) {
      const x = image(data.x, channels, size);
      const weights = data.weights.map((values) => kernel(values, [channels, channels, 3, 3], [2, 3, 1, 0]));
      const unit = tf.grad((input) => {
        let y = input;
        weights.forEach((weight, layer) => {
          y = tf.conv2d(y, weight, 1, 'same');
          if (layer < layers - 1) y = tf.relu(y);
        });
        return tf.sum(tf.slice(y, [0, size / 2, size / 2, 0], [1, 1, 1, channels]));
      });
      return [[x, ...weights], () => unit(x), planes];
    },
  };

  return {
    prepare(kase, data) {
      const made = prepare[kase.kind]?.(kase, data);
      if (!made) return null;
      const [kept, work, readOne] = made;
      return {
        run: () => { tf.dispose(tf.tidy(work)); },
        read: () => {
          const outputs = tf.tidy(work);
          const values = [outputs].flat().map(readOne);
          tf.dispose(outputs);
          return values;
        },
        free: () => tf.dispose(kept),
      };
    },
  };
}
