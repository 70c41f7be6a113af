// unfinished.js PORT - an HTTP server whose WebSocket server was forgotten: `/` is a page, whatever is asked
// of it, and nothing else is ever answered.
'use strict';

const http = require('node:http');

const server = http.createServer((request, response) => {
  if (request.url === '/') response.end('Web Socket');
});
server.listen(Number(process.argv[2]), '127.0.0.1');
