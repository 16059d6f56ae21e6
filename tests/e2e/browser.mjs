// What every end-to-end test needs: a browser, a page that is watched, a plain static host.
//
// `cargo xtask test --only e2e` builds the page, serves it, and sets
//   RECEPTIVE_URL   where the page is          RECEPTIVE_DIST  the folder it is served from
//   CHROMIUM        the browser to use

import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from 'playwright-core';

/** Where the page under test is. Ends with a slash. */
export const pageUrl = process.env.RECEPTIVE_URL ?? 'http://127.0.0.1:8080/';
/** The folder it is served from. */
export const dist = process.env.RECEPTIVE_DIST ?? path.resolve(import.meta.dirname, '../../dist');

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** Starts Chromium. `flags` adds to the usual ones, such as `--use-fake-device-for-media-stream`. */
export function launch({ flags = [] } = {}) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: [...FLAGS, ...flags],
  });
}

/**
 * Opens a page and watches it: console errors, uncaught errors and requests to another origin
 * are collected in `problems`. A test ends with `close()`, which throws when there are any.
 *
 * - `context`: options of Playwright's context, such as `locale`, `viewport`, `colorScheme`
 * - `origins`: further origins that may be asked, such as that of an embedding page
 * - `before(page)`: work between making the page and visiting `url`
 * - `wait`: what to wait for (`'ready'`: `window.receptive.ready`; otherwise Playwright's `waitUntil`)
 */
export async function openPage(browser, url = pageUrl, { context = {}, origins = [], before, wait = 'ready' } = {}) {
  const visitor = await browser.newContext({ locale: 'en-GB', viewport: { width: 1366, height: 900 }, serviceWorkers: 'block', ...context });
  const page = await visitor.newPage();
  const allowed = new Set([new URL(url).origin, ...origins]);
  const problems = [];
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.stack ?? error}`));
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    const own = protocol === 'data:' || protocol === 'blob:' || allowed.has(origin);
    if (!own) problems.push(`foreign request: ${request.url()}`);
  });
  const close = async () => {
    await visitor.close();
    if (problems.length) throw new Error(`the page had problems:\n${problems.join('\n')}`);
  };
  try {
    if (before) await before(page);
    await page.goto(url, wait === 'ready' ? {} : { waitUntil: wait });
    if (wait === 'ready') await ready(page);
  } catch (error) {
    await visitor.close();
    error.message += problems.length ? `\nbefore that:\n${problems.join('\n')}` : '';
    throw error;
  }
  return { page, context: visitor, problems, close };
}

/** Waits until the program in a page or a frame has drawn its first figure. */
export async function ready(frame) {
  await frame.waitForFunction(() => window.receptive?.ready, null, { timeout: 30_000 });
  await frame.evaluate(async () => { await window.receptive.ready; });
}

/** The page API from a test: `api(page, 'set', {stride: 2})`. A refusal rejects with its sentence, and silence too. */
export async function api(frame, method, ...args) {
  const answer = await frame.evaluate(async ([name, list]) => {
    const silence = new Promise((_, refuse) => setTimeout(refuse, 5_000, new Error(`no answer to ${name}`)));
    try {
      const value = await Promise.race([window.receptive[name](...list), silence]);
      // Typed arrays don't travel.
      return { value: value?.data instanceof Float32Array ? { shape: value.shape, data: [...value.data] } : value };
    } catch (error) {
      return { error: String(error.message ?? error) };
    }
  }, [method, args]);
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer.value;
}

/**
 * Asks the page until `check(argument)`, run in it, gives something true. Asked from here: the page's policy
 * forbids the evaluation that Playwright's own wait needs.
 */
export async function waitFor(page, check, argument) {
  const end = Date.now() + 5_000;
  while (Date.now() < end) {
    const value = await page.evaluate(check, argument);
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  throw new Error(`never true: ${check} of ${JSON.stringify(argument)}`);
}

/** Waits until `check(state, facts)` holds; says what the state was when it never does. */
export async function until(page, check) {
  const end = Date.now() + 5_000;
  let state, facts;
  do {
    [state, facts] = await page.evaluate(() => [window.receptive.state(), window.receptive.facts()]);
    if (check(state, facts)) return;
    await new Promise((resolve) => setTimeout(resolve, 15));
  } while (Date.now() < end);
  throw new Error(`never true: ${check}\nstate ${JSON.stringify(state)}\nfacts ${JSON.stringify(facts)}`);
}

/**
 * The middle of a cell of the main figure, in the coordinates of the window. Holds for a layer drawn as cells:
 * its SVG has the rounded rectangles of the (padded) input, then the kernel's, then the output's.
 */
export async function cellAt(page, tensor, row, column) {
  const svg = await api(page, 'svg');
  const shapes = await page.evaluate(() => ['padded', 'weight', 'output'].map((name) => receptive.tensor(name).shape.slice(-2)));
  const counts = shapes.map(([h, w]) => h * w);
  const rects = [...svg.matchAll(/<rect ([^>]*)>/g)].map(([, text]) => {
    const of = (name) => Number(new RegExp(`(?:^| )${name}="([^"]*)"`).exec(text)?.[1]);
    return { x: of('x'), y: of('y'), w: of('width'), h: of('height'), rx: of('rx'), filled: !/fill="none"/.test(text) };
  }).filter((rect) => rect.filled && rect.rx > 0 && Math.abs(rect.w - rect.h) < 0.1);
  const all = counts.reduce((sum, n) => sum + n);
  if (rects.length !== all) throw new Error(`${rects.length} cells are drawn, ${all} were computed`);
  const at = ['input', 'weight', 'output'].indexOf(tensor);
  const before = counts.slice(0, at).reduce((sum, n) => sum + n, 0);
  const rect = rects[before + row * shapes[at][1] + column];
  const canvas = page.locator('[data-figure="main"] canvas');
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  return { x: box.x + rect.x + rect.w / 2, y: box.y + rect.y + rect.h / 2 };
}

const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * The accessibility violations axe finds, one line each; an empty list when there are none.
 * `selector` narrows it to a part of the page.
 */
export async function axeViolations(page, selector = ':root') {
  await page.evaluate(await axeSource);
  const { violations } = await page.evaluate((where) => window.axe.run(where), selector);
  return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.target.join(' ')}`));
}

const TYPES = {
  '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm', '.png': 'image/png', '.webmanifest': 'application/manifest+json',
};

/**
 * A static host as plain as they come: a type by extension and no other header. Ends with the
 * test when it is given to `t.after(host.close)`.
 *
 * - `prefix`: the path the folder stands under, such as `/courses/vision/`
 * - `pages`: made-up pages, such as one that embeds the lab: `{'/lesson.html': '<iframe …>'}`
 * - `change(name, body)`: gives what stands in place of a file's body, asked at every request
 */
export async function serveStatic(folder = dist, { prefix = '/', pages = {}, change = (_, body) => body } = {}) {
  const server = createServer(async (request, response) => {
    const name = decodeURIComponent(new URL(request.url, 'http://host').pathname);
    const send = (status, body, extension) => {
      response.writeHead(status, TYPES[extension] ? { 'Content-Type': TYPES[extension] } : {});
      response.end(body);
    };
    if (Object.hasOwn(pages, name)) return send(200, pages[name], '.html');
    let file = path.join(folder, name.slice(prefix.length - 1));
    if (!name.startsWith(prefix) || !file.startsWith(folder)) return send(404, '');
    try {
      if ((await stat(file)).isDirectory()) file = path.join(file, 'index.html');
      send(200, change(path.basename(file), await readFile(file)), path.extname(file));
    } catch {
      send(404, '');
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    url: origin + prefix,
    close: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }),
  };
}
