import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { A_BROWSERS_PATIENCE, describeInChromium, startChromium } from '../support/chromium.js';
import { World } from '../support/world.js';
import { Visitor } from './visitor.js';

const CACHE_SECONDS = 61;

describeInChromium('the portal, in a browser', () => {
  let world: World;
  let browser: Browser;
  let visitor: Visitor;
  let count = 0;
  beforeAll(async () => {
    world = await World.start();
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });
  afterEach(() => visitor?.leave());

  const come = async () => {
    visitor = await Visitor.come(browser, world, `grace-${++count}`);
    return visitor;
  };

  it(
    'takes a newcomer from the plans to a key that works, and through everything until they cancel',
    async () => {
      const grace = await come();
      const { page } = grace;
      const barriers: string[] = [];
      const look = async () => void barriers.push(...(await grace.barriers()));

      await grace.open('/');
      await grace.heading('Choose a plan. Get a key. Call the API.').waitFor();
      await look();
      await grace.button('Choose Free').click();
      await grace.signUp();
      await grace.isAt('/overview');
      await grace.heading('Your key is ready').waitFor();
      await look();

      await grace.button('Reveal').click();
      await grace.button('Hide').waitFor();
      const value = (await page.locator('.secret-value').textContent()) ?? '';
      expect(value).toMatch(/^[A-Za-z0-9]{40,}$/);
      await grace.button('Copy').click();
      await grace.button('Copied').waitFor();
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(value);
      await grace.button('Send').click();
      await grace.sees('It works');
      await grace.sees(/^200, after/);
      await grace.sees('x-amzn-requestid');
      await look();

      expect(await world.stranger.use(value, 150)).toBe(99);
      await grace.goTo('Key');
      await grace.heading('In your program').waitFor();
      await look();
      expect(await page.getByRole('main').textContent()).not.toContain(value);
      await grace.button('Copy the curl example').click();
      await grace.button('Copied').waitFor();
      expect(await page.evaluate('navigator.clipboard.readText()')).toContain(`x-api-key: ${value}`);
      expect(await page.getByRole('main').textContent()).not.toContain(value);
      await grace.button('Send').click();
      await grace.sees('Your calls are used up');
      await grace.sees(/^429, after/);
      world.forward(CACHE_SECONDS);
      await page.reload();
      await grace.isAt('/key');
      await grace.sees('Your calls for this period are used up');
      await grace.goTo('Usage');
      await grace.sees('All calls of this period are used.');
      await grace.sees('Limit 100');
      await look();
      await page.getByRole('tab', { name: 'As a table' }).click();
      await page.getByRole('table').waitFor();
      await look();

      await grace.goTo('Plans');
      await grace.button('Change to Basic').click();
      await grace.sees('The price goes from 0 USD / month to 49 USD / month.');
      await grace.sees(/That leaves 9,900 calls until/);
      await look();
      await grace.button('Change to Basic').click();
      await page.getByRole('alertdialog').waitFor({ state: 'detached' });
      await grace.goTo('Key');
      await grace.button('Send').click();
      await grace.sees('It works');

      await grace.button('Replace key').click();
      await page.getByRole('radio', { name: /For 7 days/ }).click();
      await look();
      await page.getByRole('alertdialog').getByRole('button', { name: 'Replace key' }).dblclick();
      await grace.heading('Your new key').waitFor();
      const renewed = (await page.getByRole('alertdialog').locator('.secret-value').textContent()) ?? '';
      expect(renewed).not.toBe(value);
      await look();
      await grace.button('Done').click();
      await grace.sees('Your old key still works');
      expect(await page.getByRole('main').textContent()).not.toContain(renewed);
      await grace.sees(/^6 days \d+ h left$|^7 days left$/);
      await look();
      expect(await world.stranger.call(value)).toEqual({ 200: 1 });
      await grace.button('End it now').click();
      await look();
      await page.getByRole('alertdialog').getByRole('button', { name: 'End it now' }).click();
      await page.getByText('Your old key still works').waitFor({ state: 'detached' });
      expect(await world.stranger.call(value)).toEqual({ 403: 1 });
      expect(await world.stranger.call(renewed)).toEqual({ 200: 1 });

      await grace.goTo('Account');
      await look();
      await grace.button('Cancel subscription').click();
      const dialog = page.getByRole('alertdialog');
      expect(await dialog.getByRole('button', { name: 'Cancel for good' }).isDisabled()).toBe(true);
      await dialog.getByLabel('Type “cancel” to confirm').fill('cancel');
      await look();
      await dialog.getByRole('button', { name: 'Cancel for good' }).click();
      await grace.sees('Your subscription is cancelled, and your key is switched off.');
      await grace.goTo('Overview');
      await grace.heading('You have no plan yet').waitFor();
      await look();
      expect(await world.stranger.call(renewed)).toEqual({ 403: 1 });

      expect(barriers).toEqual([]);
      expect(grace.complaints).toEqual([]);
    },
    A_BROWSERS_PATIENCE,
  );

  it(
    'goes on in a page that the browser translates, where every text lies in an element that the page has not made',
    async () => {
      const grace = await come();
      const { page } = grace;
      await grace.open('/plans');
      await grace.button('Choose Free').waitFor();
      await grace.translate();
      await grace.button('«Choose Free»').click();
      await grace.signUp();
      await grace.heading('Your key is ready').waitFor();
      await grace.goTo('Key');
      await grace.button('Reveal').waitFor();
      await grace.translate();
      await grace.button('Reveal').click();
      await grace.button('Hide').waitFor();
      await grace.button('Copy').first().click();
      await grace.button('Copied').waitFor();
      const value = await page.evaluate('navigator.clipboard.readText()');
      await grace.button('Hide').click();
      await grace.button('Replace key').click();
      await page
        .getByRole('radio', { name: /Not at all/ })
        .first()
        .click();
      await grace.translate();
      await page.getByRole('alertdialog').getByRole('button', { name: 'Replace key' }).click();
      await grace.heading('Your new key').waitFor();
      const renewed = (await page.getByRole('alertdialog').locator('.secret-value').textContent()) ?? '';
      await grace.button('Done').click();
      await page.getByLabel(new RegExp(`${renewed.slice(-4)}$`)).waitFor();
      expect(await page.locator('.secret-value').textContent()).toMatch(new RegExp(`•${renewed.slice(-4)}$`));
      expect(renewed).not.toBe(value);
      expect(grace.complaints).toEqual([]);
    },
    A_BROWSERS_PATIENCE,
  );
});
