// The first minutes of somebody who has never seen the page: move, look, play, edit, go back.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { api, cellAt, launch, openPage, until, waitFor } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

const equation = (page) => page.locator('.eq').innerText();
const number = (page, key) => page.locator(`#${key}-n`);
const slider = (page, name) => page.getByRole('slider', { name, exact: true });
const button = (page, name) => page.getByRole('button', { name, exact: true });

test('the address without anything opens the convolution lab', async () => {
  const { page, close } = await openPage(browser);
  assert.equal(await api(page, 'lab'), 'convolution');
  assert.ok(await page.getByRole('heading', { level: 1 }).isVisible());
  assert.equal(await page.locator('canvas').first().evaluate((c) => {
    const pixels = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
    return new Set(new Uint32Array(pixels.buffer)).size > 50;
  }), true, 'the canvas shows a picture');
  assert.match(await page.locator('[data-figure="main"] canvas').getAttribute('aria-label'), /output/i);
  await close();
});

test('sliders by keyboard and by hand move kernel, stride and padding', async () => {
  const { page, close } = await openPage(browser);
  await slider(page, 'kernel_size').press('ArrowRight');
  await until(page, (s, f) => s.kernel_size[0] === 4 && f.output_height === 5 && f.parameters === 16);
  await slider(page, 'kernel_size').press('ArrowLeft');
  await slider(page, 'stride').press('ArrowRight');
  await until(page, (s, f) => s.stride[1] === 2 && f.output_height === 3);
  await slider(page, 'padding').press('ArrowRight');
  await until(page, (s, f) => s.padding[0] === 1 && f.padded_height === 10 && f.output_height === 4);
  await slider(page, 'stride').fill('1');
  await until(page, (s, f) => s.stride[0] === 1 && f.output_height === 8);
  assert.deepEqual((await api(page, 'tensor', 'output')).shape, [1, 1, 8, 8]);
  assert.deepEqual((await api(page, 'tensor', 'padded')).shape, [1, 1, 10, 10]);
  assert.match(await page.locator('.insight .kv').first().innerText(), /8 × 8/);
  await close();
});

test('numbers can be typed; a number that can not be gets a sentence and the old one stays', async () => {
  const { page, close } = await openPage(browser);
  await number(page, 'kernel_size').fill('5');
  await number(page, 'kernel_size').press('Enter');
  await until(page, (s, f) => s.kernel_size[0] === 5 && f.output_height === 4);
  await number(page, 'stride').fill('3');
  await number(page, 'stride').press('Tab');
  await until(page, (s, f) => s.stride[0] === 3 && f.output_height === 2);
  await number(page, 'padding').fill('2');
  await number(page, 'padding').press('Enter');
  await until(page, (s, f) => s.padding[0] === 2 && f.output_height === 3);
  const good = await api(page, 'state');
  for (const [key, text, sentence] of [
    ['stride', 'many', /many.*not/], ['stride', '99', /99.*outside/], ['kernel_size', '0', /outside|at least/],
    ['kernel_size', '14', /kernel/], ['padding', '-1', /outside|1/], ['bias', 'NaN', /finite|number/],
  ]) {
    const kept = await number(page, key).inputValue();
    await number(page, key).fill(text);
    await number(page, key).press('Enter');
    await page.locator('.message.refuses').filter({ hasText: sentence }).first().waitFor();
    assert.deepEqual(await api(page, 'state'), good, `${key} ${text}`);
    await waitFor(page, ([id, value]) => document.getElementById(id).value === value, [`${key}-n`, kept]);
  }
  await close();
});

test('height and width can be set apart', async () => {
  const { page, close } = await openPage(browser);
  await page.locator('[data-control="stride"] .tiny').click();
  await slider(page, 'stride width').press('ArrowRight');
  await until(page, (s, f) => s.stride.join() === '1,2' && f.output_height === 6 && f.output_width === 3);
  await close();
});

test('the equation follows the pointer; a click pins; Escape lets go', async () => {
  const { page, close } = await openPage(browser);
  const at = async (tensor, r, c) => { const p = await cellAt(page, tensor, r, c); await page.mouse.move(p.x, p.y); return p; };
  await at('output', 0, 0);
  await waitFor(page, () => document.querySelector('.eq').innerText.startsWith('output[0, 0]'));
  await at('output', 5, 1);
  await waitFor(page, () => document.querySelector('.eq').innerText.startsWith('output[5, 1]'));
  // The sum that is written is the cell's number, and its chips are nine products.
  const value = (await api(page, 'tensor', 'output')).data[5 * 6 + 1];
  assert.equal(Number((await page.locator('.eq b').innerText()).replace('−', '-')), value);
  const products = (await page.locator('.eq .chip').allInnerTexts()).map((text) => {
    const [a, b] = text.replaceAll('−', '-').replace(/[()]/g, '').split('·').map(Number);
    return a * b;
  });
  assert.equal(products.length, 9);
  assert.equal(products.reduce((sum, n) => sum + n), value);
  const p = await at('output', 2, 4);
  await page.mouse.click(p.x, p.y);
  await page.locator('.eq.pinned').waitFor();
  await at('output', 0, 0);
  assert.match(await equation(page), /^output\[2, 4\]/, 'pinned: the pointer no longer leads');
  await page.locator('[data-figure="main"] .figure-view').press('Escape');
  await page.locator('.eq:not(.pinned)').waitFor();
  await close();
});

test('an input cell and a tap can be pointed at', async () => {
  const { page, close } = await openPage(browser);
  const picture = () => api(page, 'svg');
  const plain = await picture();
  for (const [tensor, r, c] of [['input', 3, 3], ['weight', 1, 0]]) {
    const p = await cellAt(page, tensor, r, c);
    await page.mouse.move(p.x, p.y);
    await waitFor(page, (before) => window.receptive.svg() !== before, plain);
    await waitFor(page, (name) => document.querySelector('#app > [role=status], body > [role=status], .sr-only[role=status]')?.innerText.includes(name), tensor);
    await page.mouse.move(2, 2);
    await waitFor(page, (before) => window.receptive.svg() === before, plain);
  }
  await close();
});

test('the player steps, plays, pauses and scrubs', async () => {
  const { page, close } = await openPage(browser);
  await button(page, 'One step on').click();
  await until(page, (s) => s.step === 1);
  await waitFor(page, () => document.querySelector('.eq').innerText.startsWith('output[0, 0]'));
  await button(page, 'One step on').click();
  await until(page, (s) => s.step === 2);
  await button(page, 'One step back').click();
  await until(page, (s) => s.step === 1);
  await page.getByRole('combobox', { name: 'Speed' }).selectOption('8');
  await button(page, 'Play').click();
  await until(page, (s) => s.step >= 4);
  await button(page, 'Pause').click();
  await button(page, 'Play').waitFor();
  await slider(page, 'Step').fill('36');
  await until(page, (s) => s.step === 36);
  await waitFor(page, () => document.querySelector('.eq').innerText.startsWith('output[5, 5]'));
  await button(page, 'To the beginning').click();
  await until(page, (s) => s.step === 0);
  await close();
});

test('presets bring kernels and inputs; the picture view is one click away', async () => {
  const { page, close } = await openPage(browser);
  await page.locator('#kernel-n').selectOption('sharpen');
  await until(page, (s) => s.kernel === 'sharpen' && s.weight[1][1] === 5);
  await page.locator('#input-n').selectOption('impulse');
  await until(page, (s, f) => s.input === 'impulse' && f.output_max === 5);
  await button(page, 'Picture').click();
  await until(page, (s, f) => s.size[0] === 256 && f.output_height === 254);
  await page.locator('#input-n').selectOption('zone_plate');
  await until(page, (s) => s.input === 'zone_plate');
  await button(page, 'Numbers').click();
  await until(page, (s) => s.size[0] === 8 && s.input === 'blob' && s.kernel === 'sharpen');
  await close();
});

test('a number typed into the kernel makes it the learner\'s own', async () => {
  const { page, close } = await openPage(browser);
  const cell = page.getByRole('textbox', { name: 'weight row 2, column 2' });
  await cell.fill('4');
  await cell.press('Enter');
  await until(page, (s) => s.kernel === 'own' && s.weight.join(';') === '-1,0,1;-2,4,2;-1,0,1');
  assert.equal((await api(page, 'tensor', 'weight')).data[4], 4);
  const below = page.getByRole('textbox', { name: 'weight row 3, column 2' });
  assert.ok(await below.evaluate((e) => e === document.activeElement), 'Enter goes to the cell below');
  await cell.fill('nan');
  await cell.press('Tab');
  await page.locator('.message.refuses').first().waitFor();
  assert.equal((await api(page, 'state')).weight[1][1], 4);
  await page.locator('.paste summary').click();
  await page.locator('#weight-paste').fill('1 2\n3 4');
  await page.locator('.paste').getByRole('button').click();
  await until(page, (s, f) => s.kernel_size.join() === '2,2' && s.weight.join(';') === '1,2;3,4' && f.output_height === 7);
  await close();
});

test('a cell of the figure is edited by double click', async () => {
  const { page, close } = await openPage(browser);
  const p = await cellAt(page, 'input', 0, 0);
  await page.mouse.dblclick(p.x, p.y);
  await page.keyboard.type('9');
  await page.keyboard.press('Enter');
  await until(page, (s) => s.input === 'own');
  assert.equal((await api(page, 'tensor', 'input')).data[0], 9);
  await close();
});

test('every question sets the lab up and says what to look at', async () => {
  const { page, close } = await openPage(browser);
  await page.locator('.questions summary').click();
  const chips = page.locator('[data-question]');
  await chips.first().waitFor();
  const ids = await chips.evaluateAll((list) => list.map((e) => e.dataset.question));
  assert.deepEqual(ids, ['C1', 'C2', 'C3', 'C4', 'C5', 'C7', 'C8', 'C9', 'C10', 'C11', 'C15', 'C20', 'C23']);
  const seen = new Set();
  for (const id of ids) {
    await page.locator(`[data-question="${id}"]`).click();
    await page.locator('.look h3').filter({ hasText: id }).waitFor();
    assert.equal(await page.locator(`[data-question="${id}"]`).getAttribute('aria-pressed'), 'true');
    assert.ok((await page.locator('.look p').innerText()).length > 60);
    seen.add(JSON.stringify(await api(page, 'state')));
    assert.equal(await page.locator('.refused').count(), 0);
  }
  assert.equal(seen.size, ids.length, 'each has its own setup');
  await close();
});

test('a guess is answered, right or wrong, and another question comes', async () => {
  const { page, close } = await openPage(browser);
  const card = page.locator('.predict');
  await card.getByRole('button', { name: 'Ask me' }).click();
  await card.locator('.options').waitFor();
  const asked = new Set();
  let wrong = 0;
  for (let round = 0; round < 5; round++) {
    asked.add(await card.locator('p').first().innerText());
    await card.locator('.options button').first().click();
    const verdict = card.locator('.because');
    await verdict.waitFor();
    const right = await card.locator('.options button').first().evaluate((e) => e.classList.contains('right'));
    assert.match(await verdict.innerText(), right ? /^Right\./ : /^Not quite\./);
    if (!right) wrong += 1;
    assert.equal(await card.locator('.options button.right').count(), 1);
    await card.locator('.options button.right').click();
    await waitFor(page, () => document.querySelector('.because').innerText.startsWith('Right.'));
    await card.getByRole('button', { name: 'Another question' }).click();
    await waitFor(page, (before) => document.querySelector('.predict p').innerText !== before, [...asked].at(-1));
  }
  assert.ok(wrong > 0, 'the first option is not always right');
  assert.ok(asked.size >= 4, 'the questions differ');
  await close();
});

test('undo, redo and reset, by button and by key', async () => {
  const { page, close } = await openPage(browser);
  const start = await api(page, 'state');
  assert.ok(await button(page, 'Undo').isDisabled());
  await number(page, 'stride').fill('2');
  await number(page, 'stride').press('Enter');
  await page.locator('#kernel-n').selectOption('box');
  await until(page, (s) => s.kernel === 'box' && s.stride[0] === 2);
  await waitFor(page, () => document.querySelector('[aria-label=Undo]').title === 'Undo: kernel box → sobel_x');
  await button(page, 'Undo').click();
  await until(page, (s) => s.kernel === 'sobel_x' && s.stride[0] === 2);
  await button(page, 'Undo').click();
  await until(page, (s) => s.stride[0] === 1);
  assert.equal(await button(page, 'Redo').getAttribute('title'), 'Redo: stride 1 → 2');
  assert.deepEqual(await api(page, 'state'), start);
  await button(page, 'Redo').click();
  await until(page, (s) => s.stride[0] === 2);
  await page.locator('.figure-view').first().press('Control+Shift+z');
  await until(page, (s) => s.kernel === 'box');
  await page.keyboard.press('Control+z');
  await until(page, (s) => s.kernel === 'sobel_x');
  await button(page, 'Reset').click();
  await until(page, (s) => s.stride[0] === 1);
  assert.deepEqual(await api(page, 'state'), start);
  await button(page, 'Undo').click();
  await until(page, (s) => s.stride[0] === 2);
  await close();
});

test('one drag of a slider is one step of undo', async () => {
  const { page, close } = await openPage(browser);
  const slide = slider(page, 'kernel_size');
  for (const n of ['4', '5', '6']) await slide.fill(n);
  await until(page, (s) => s.kernel_size[0] === 6);
  await button(page, 'Undo').click();
  await until(page, (s) => s.kernel_size[0] === 3);
  await close();
});

test('a second value stands beside the first', async () => {
  const { page, close } = await openPage(browser);
  await page.locator('#compare-key').selectOption('stride');
  await until(page, (s) => s.compare === 'stride:2,2' || s.compare === 'stride:2');
  assert.ok((await api(page, 'tensors')).includes('beside_output'));
  assert.equal((await api(page, 'tensor', 'beside_output')).shape.at(-1), 3);
  await button(page, 'End the comparison').click();
  await until(page, (s) => s.compare === null);
  await close();
});
