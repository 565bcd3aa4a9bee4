// The rest of the world for tests/e2e/clients.bats: one TLS server on loopback
// for HTTP/1.1 and HTTP/2, and a plain one, that serve the files below DIR by
// Host, answer WebSockets, and print "ready TLSPORT PORT".
//	world.js DIR		DIR has cert.pem and key.pem
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const http2 = require('http2');
const path = require('path');

const dir = process.argv[2];

function answer(req, res) {
	const host = (req.headers[':authority'] || req.headers.host || '')
		.split(':')[0];
	const name = decodeURIComponent(new URL(req.url, 'http://x').pathname);
	const file = path.join(dir, host, path.normalize(name));

	fs.appendFileSync(path.join(dir, 'requests'),
		`${req.httpVersion} ${host} ${req.method} ${name}\n`);
	fs.readFile(file, (error, data) => {
		if (!error) {
			res.end(data);
			return;
		}
		fs.readFile(path.join(file, 'index'), (none, index) => {
			res.statusCode = none ? 404 : 200;
			if (!none && /^</.test(index))
				res.setHeader('Content-Type', 'text/html');
			res.end(none ? 'no such file\n' : index);
		});
	});
}

// RFC 6455: one short text message comes back.  Other upgrades (a JVM asks for
// HTTP/2) are not agreed to.
function upgrade(req, socket) {
	if (req.headers.upgrade !== 'websocket') {
		const body = `hello from ${req.headers.host}\n`;

		socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n' +
			`Content-Length: ${body.length}\r\n\r\n${body}`);
		return;
	}
	const accept = crypto.createHash('sha1').update(
		req.headers['sec-websocket-key'] +
		'258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');

	socket.write('HTTP/1.1 101 Switching Protocols\r\n' +
		'Upgrade: websocket\r\nConnection: Upgrade\r\n' +
		`Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
	socket.once('data', (frame) => {
		const n = frame[1] & 127, mask = frame.subarray(2, 6);
		const text = frame.subarray(6, 6 + n)
			.map((byte, i) => byte ^ mask[i % 4]);

		socket.end(Buffer.concat([Buffer.from([0x81, n]), text]));
	});
	socket.on('error', () => {});
}

const secure = http2.createSecureServer({
	cert: fs.readFileSync(path.join(dir, 'cert.pem')),
	key: fs.readFileSync(path.join(dir, 'key.pem')),
	allowHTTP1: true,
}, answer);
const plain = http.createServer(answer);

secure.on('upgrade', upgrade);
plain.on('upgrade', upgrade);
secure.listen(0, '127.0.0.1', () => plain.listen(0, '127.0.0.1', () =>
	console.log('ready', secure.address().port, plain.address().port)));
