// client.js SEED URL [TOKEN] - a client of its own for each seed system: what `wsproof record` listens to.
'use strict';

const http = require('node:http');
const { once } = require('node:events');
const WebSocket = require('ws');

const [seed, base, token] = process.argv.slice(2);

// Messages are kept from the first byte on: a greeting may come with the 101.
async function open(path = '/', protocols = [], options = {}) {
  const socket = new WebSocket(base + path, protocols, options);
  const messages = [];
  let wake = () => {};
  socket.on('message', (data) => {
    messages.push(data);
    wake();
  });
  socket.next = async () => {
    while (messages.length === 0) await new Promise((resolve) => { wake = resolve; });
    return messages.shift();
  };
  socket.end = async (...reason) => {
    socket.close(...reason);
    await once(socket, 'close');
  };
  await once(socket, 'open');
  return socket;
}

// A handshake that is refused: what `ws` makes of it.
async function refused(path, protocols, options) {
  const socket = new WebSocket(base + path, protocols, options);
  const [error] = await once(socket, 'error');
  return error.message;
}

async function get(path) {
  const [response] = await once(http.get(base.replace('ws:', 'http:') + path, { agent: false }), 'response');
  let body = '';
  for await (const part of response) body += part;
  return body;
}

const conversations = {
  async greeting() {
    const socket = await open();
    await socket.next();
    socket.send('hello');
    socket.send(Buffer.from([0, 255, 128]));
    socket.ping('are you there');
    await once(socket, 'pong');
    await socket.end(1000, 'bye');
    const rude = await open();
    await rude.next();
    rude.terminate();
  },
  async static() {
    await get('/');
    await get('/missing');
    const socket = await open('/anything', [], { headers: { 'X-Costs': '$5', Cookie: 'a=b' }, origin: 'http://example.com' });
    socket.send('one', { fin: false });
    socket.send(' message');
    socket.send('x'.repeat(70000));
    await socket.end(4001);
  },
  async events() {
    const socket = await open('/?room=1');
    socket.send('{"name":"join","data":{}}');
    await socket.next();
    socket.send('{"name":"unknown"}');
    socket.send('{"name":"join"}');
    await socket.next();
    await socket.end(1000);
  },
  async push() {
    const socket = await open('/', [], { headers: { 'X-Forwarded-For': '192.0.2.1' } });
    await socket.next();
    socket.send('서버');
    await socket.next();
    await socket.end();
  },
  async subprotocol() {
    await get('/index');
    await refused('/', ['chat']);
    const socket = await open('/', ['example-echo']);
    for (const data of ['hello', '', Buffer.from([1, 2, 3]), 'tab\tline\n"quote" $dollar # no comment',
      require('node:crypto').randomBytes(10000), 'ab'.repeat(3000)]) {
      socket.send(data);
      await socket.next();
    }
    await socket.end(1000);
  },
  async unfinished() {
    await get('/');
    await refused('/');
  },
  async paths() {
    const foo = await open('/foo');
    const bar = await open('/bar?x=1');
    await foo.next();
    await bar.next();
    await refused('/nope');
    bar.send('to bar');
    foo.send('to foo');
    await foo.end(1000);
    await bar.end(1000);
  },
  async auth() {
    await refused('/');
    await refused('/', [], { headers: { Authorization: 'Bearer wrong' } });
    const socket = await open('/', [], { headers: { Authorization: `Bearer ${token}` } });
    await socket.next();
    socket.send(`{"token":"${token}"}`);
    await socket.end(1000);
  },
  async secure() {
    const socket = await open();
    await socket.next();
    socket.send('over TLS, for the server');
    await socket.end(3000, 'done');
  },
};

conversations[seed]().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
