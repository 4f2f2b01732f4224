// The service worker: keeps the program of one build and the code tables, so that opbook opens without the server. `assets`
// serves it and puts the names in. It answers nothing by itself while the server answers, and never touches what is asked of
// the server as such (paths it does not know, and everything but GET).

const FILES = {{files}};
const SERVER_PATHS = {{server_paths}};
const PROGRAM = "opbook-{{build}}";
const TABLES = "tables";
// A page waits no longer for a server that says nothing; a line that is gone is known at once.
const PATIENCE = 4000;

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  const way = wayOf(url.pathname, event.request.mode);
  if (way) event.respondWith(way(event.request, event));
});

async function install() {
  const cache = await caches.open(PROGRAM);
  // Files of a build never change; the others are asked for anew, past the cache of the browser.
  await Promise.all(FILES.map((file) => cache.add(new Request(file, { cache: file.startsWith("/pkg/") ? "default" : "reload" }))));
  // The page that brings this worker has read its tables already, past it. Without them the program opens all the same.
  await keepTables().catch(console.warn);
  // Nothing is answered that the server would answer otherwise, so no page need be left first.
  await self.skipWaiting();
}

async function activate() {
  // The build before stays: pages that are open still ask for its parts.
  const builds = (await caches.keys()).filter((name) => name.startsWith("opbook-") && name !== PROGRAM);
  await Promise.all(builds.slice(0, -1).map((name) => caches.delete(name)));
  await self.clients.claim();
}

function wayOf(path, mode) {
  if (path === "/codes") return tables;
  if (path.startsWith("/codes/")) return table;
  if (FILES.includes(path) || path.startsWith("/pkg/")) return path === "/" ? page : file;
  const first = path.split("/")[1];
  const isPage = mode === "navigate" && !SERVER_PATHS.includes(first) && !path.split("/").pop().includes(".");
  return isPage ? page : null;
}

/** The server's answer; what is kept when there is none, or one that says that the server is away. */
async function answered(asking, kept) {
  const answer = await asking.catch(() => null);
  if (answer && answer.status < 500 && answer.status !== 404) return answer;
  return (await kept()) ?? answer ?? Response.error();
}

const file = (request) => answered(fetch(request), () => caches.match(request, { ignoreVary: true }));

async function page(request) {
  const kept = async () => (await caches.open(PROGRAM)).match("/", { ignoreVary: true });
  const late = new Promise((_, reject) => setTimeout(reject, PATIENCE));
  return answered(Promise.race([fetch(request), late]), kept);
}

/** Which version of each table there is. */
async function tables(request, event) {
  const cache = await caches.open(TABLES);
  const late = new Promise((_, reject) => setTimeout(reject, PATIENCE));
  const asking = fetch(request).then((answer) => {
    if (answer.ok) event.waitUntil(cache.put(request, answer.clone()));
    return answer;
  });
  return answered(Promise.race([asking, late]), () => cache.match(request, { ignoreVary: true }));
}

/** Keeps all tables as they are now; the browser has them mostly. */
async function keepTables() {
  const cache = await caches.open(TABLES);
  const list = await fetch("/codes");
  const versions = Object.entries(await list.clone().json());
  const requests = versions.map(([name, version]) => new Request(new URL(`/codes/${name}/${version}`, location.origin)));
  await Promise.all(requests.map(async (request) => replace(cache, request, await fetch(request))));
  await cache.put("/codes", list);
}

/** One version of a table: never another content under its name. */
async function table(request, event) {
  const cache = await caches.open(TABLES);
  const known = await cache.match(request, { ignoreVary: true });
  if (known) return known;
  const answer = await fetch(request);
  event.waitUntil(replace(cache, request, answer.clone()));
  return answer;
}

/** Keeps a version of a table in place of those before. */
async function replace(cache, request, answer) {
  if (!answer.ok) return;
  await cache.put(request, answer);
  const folder = request.url.slice(0, request.url.lastIndexOf("/") + 1);
  const older = (await cache.keys()).filter(({ url }) => url.startsWith(folder) && url !== request.url);
  await Promise.all(older.map((request) => cache.delete(request)));
}
