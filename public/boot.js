// Starts the application. The shell names script and WebAssembly of this build in its preload links,
// so this file never changes with a build and the page needs no inline script.

const address = (id) => document.getElementById(id).href;
const shell = document.getElementById("shell");

document.getElementById("shell-reload").addEventListener("click", () => location.reload());

try {
  const app = await import(address("app-script"));
  await app.default({ module_or_path: address("app-wasm") });
  app.hydrate();
  shell.remove();
  // Keeps the program for when the server is away. After it is there: nothing waits for it. Absent without TLS.
  setTimeout(() => navigator.serviceWorker?.register("/sw.js", { updateViaCache: "none" }).catch(console.warn), 2000);
} catch (error) {
  console.error(error);
  document.getElementById("shell-loading").hidden = true;
  document.getElementById("shell-failed").hidden = false;
  document.getElementById("shell-reload").focus();
}
