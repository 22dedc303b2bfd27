// How long ago things were, by the server's clock: the words are those of render.ago.
const state = document.querySelector("[data-live-state]");
const words = JSON.parse(state.dataset.ages); // seconds, minutes, hours, days
const sizes = [1, 60, 3600, 86400];
let ahead = Number(state.dataset.now) - performance.now() / 1000; // of the server's clock

export const tune = (now) => { ahead = now - performance.now() / 1000; };

export function ages(root = document) {
  const now = ahead + performance.now() / 1000;
  for (const each of root.querySelectorAll("[data-age]")) {
    const seconds = Math.max(0, now - Number(each.dataset.age));
    let unit = 3;
    while (unit > 0 && seconds < sizes[unit]) unit -= 1;
    const text = words[unit].replace("{n}", Math.floor(seconds / sizes[unit]));
    if (each.textContent !== text) each.textContent = text;
  }
}
