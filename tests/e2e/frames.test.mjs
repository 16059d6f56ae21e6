// Inside other pages: a deck of slides, a page with a dozen frames, a notebook.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { launch, openPage, pageUrl, ready, serveStatic } from './browser.mjs';

const reveal = path.dirname(createRequire(import.meta.url).resolve('reveal.js'));

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

const origins = [new URL(pageUrl).origin];
const frame = (hash, how = 'src') => `<iframe ${how}="${pageUrl}${hash.replaceAll('&', '&amp;')}" width="800" height="500" sandbox="allow-scripts"></iframe>`;

test('in reveal.js a frame comes with its slide, pauses when it goes, and is put away', async (t) => {
  const deck = `<!doctype html><link rel="icon" href="data:,"><title>deck</title><style>${await readFile(path.join(reveal, 'reveal.css'), 'utf8')}</style>
    <div class="reveal"><div class="slides">
    <section>First</section>
    <section id="a">${frame('#/convolution?embed=1&stride=2', 'data-src')}</section>
    <section id="b">${frame('#/convolution?embed=1&size=16')}</section>
    <section>Between</section><section>Last</section></div></div>
    <script>${(await readFile(path.join(reveal, 'reveal.js'), 'utf8')).replaceAll('</script', '<\\/script')}</script>
    <script>Reveal.initialize({ viewDistance: 1, hash: false, transition: 'none', minScale: 1, maxScale: 1 })</script>`;
  const host = await serveStatic(undefined, { pages: { '/deck.html': deck } });
  t.after(host.close);
  const { page, close } = await openPage(browser, `${host.origin}/deck.html`, { origins, wait: 'load' });
  const frames = () => page.frames().filter((f) => f.url().includes('embed=1'));
  const go = (slide) => page.evaluate((slide) => Reveal.slide(slide), slide);
  // A frame has its address a moment after its element has it.
  const lab = async (text) => {
    for (;;) {
      const found = frames().find((f) => f.url().includes(text));
      if (found) return found;
      await new Promise((done) => setTimeout(done, 50));
    }
  };
  await go(1);
  await page.waitForFunction(() => document.querySelector('#a iframe').src);
  const coming = await lab('stride=2');
  await ready(coming);
  assert.equal(await coming.locator('header').count(), 0);
  await go(2);
  const kept = await lab('size=16');
  await ready(kept);
  await kept.getByRole('button', { name: 'Play' }).click();
  await kept.getByRole('button', { name: 'Pause' }).waitFor();
  await go(3);
  // Playing stops with `slide:stop`; the slide is hidden now, so the button is found by its label, not by its role.
  const label = (name) => kept.locator(`.player [aria-label="${name}"]`);
  await label('Play').waitFor({ state: 'attached' });
  const step = await kept.evaluate(() => window.receptive.state().step);
  await new Promise((done) => setTimeout(done, 1500));
  assert.equal(await kept.evaluate(() => window.receptive.state().step), step);
  await page.waitForFunction(() => !document.querySelector('#a iframe').src);
  await close();
});

test('a page with twelve frames shows all of them', async (t) => {
  const labs = ['convolution', 'pooling', 'checkerboard', 'positions'];
  const page12 = `<!doctype html><link rel="icon" href="data:,"><title>twelve</title>${Array.from({ length: 12 }, (_, i) => frame(`#/${labs[i % labs.length]}?embed=1&seed=${i}`)).join('')}`;
  const host = await serveStatic(undefined, { pages: { '/twelve.html': page12 } });
  t.after(host.close);
  const { page, close } = await openPage(browser, `${host.origin}/twelve.html`, { origins, wait: 'load' });
  const frames = page.frames().filter((f) => f.url().includes('embed=1'));
  assert.equal(frames.length, 12);
  for (const [i, f] of frames.entries()) {
    // Also of those that nobody has scrolled to.
    await f.evaluate(async () => {
      while (!window.receptive) await new Promise((done) => setTimeout(done, 100));
      await window.receptive.ready;
    });
    assert.equal(await f.evaluate(() => window.receptive.lab()), labs[i % labs.length]);
  }
  await close();
});

test('in the frame a notebook makes, the lab answers messages', async (t) => {
  // What IPython.display.IFrame writes.
  const cell = `<!doctype html><link rel="icon" href="data:,"><title>notebook</title><iframe width="100%" height="640" src="${pageUrl}#/attention?embed=1" frameborder="0" allowfullscreen></iframe>`;
  const host = await serveStatic(undefined, { pages: { '/cell.html': cell } });
  t.after(host.close);
  const { page, close } = await openPage(browser, `${host.origin}/cell.html`, { origins, wait: 'load' });
  await ready(page.frames()[1]);
  const answer = await page.evaluate(() => new Promise((done) => {
    addEventListener('message', ({ data }) => { if (data?.receptive === 'result') done(data); });
    document.querySelector('iframe').contentWindow.postMessage({ receptive: 'set', args: [{ num_heads: 2 }], id: 7 }, '*');
  }));
  assert.equal(answer.id, 7);
  assert.equal(answer.error, undefined);
  assert.equal(await page.frames()[1].evaluate(() => window.receptive.state().num_heads), 2);
  await close();
});
