"""Requests without boto3: their bytes, and what comes back."""

import http.client
import json
import socket

TARGET = "SimpleWorkflowService"


class Answer:
    """An HTTP answer, read whole."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def error(self):
        """The code of a fault, as boto3 reads it."""
        return json.loads(self.body)["__type"].rpartition("#")[2]


def send(server, call=None, body=b"{}", method="POST", path="/", **headers):
    """One request without boto3."""
    connection = http.client.HTTPConnection(server.address, timeout=10)
    given = {"Content-Type": "application/x-amz-json-1.0", **headers}
    if call is not None:
        given["X-Amz-Target"] = f"{TARGET}.{call}"
    connection.request(method, path, body, given)
    answer = Answer(connection.getresponse())
    connection.close()
    return answer


def sample_request(server, token):
    """The sample of SWF's reference page of RecordActivityTaskHeartbeat, with a genuine token."""
    body = json.dumps({"taskToken": token, "details": "starting task"})
    head = "\r\n".join(
        [
            "POST / HTTP/1.1",
            f"Host: {server.address}",
            "User-Agent: Mozilla/5.0 (Windows; U; Windows NT 6.1; en-US; rv:1.9.2.25) Gecko/20111212 Firefox/3.6.25",
            "Accept: application/json, text/javascript, */*",
            "Accept-Language: en-us,en;q=0.5",
            "Accept-Encoding: gzip,deflate",
            "Accept-Charset: ISO-8859-1,utf-8;q=0.7,*;q=0.7",
            "Keep-Alive: 115",
            "Connection: keep-alive",
            "Content-Type: application/json; charset=UTF-8",
            "X-Requested-With: XMLHttpRequest",
            "X-Amz-Date: Mon, 16 Jan 2012 03:55:06 GMT",
            "X-Amz-Target: SimpleWorkflowService.RecordActivityTaskHeartbeat",
            "Content-Encoding: amz-1.0",
            "X-Amzn-Authorization: AWS3 AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE,"
            "Signature=pYaQGHRjuSVhdO+Zqnqa6d0Nj3W7HsCuTkXzM7u3Yzk=,Algorithm=HmacSHA256,"
            "SignedHeaders=Host;X-Amz-Date;X-Amz-Target;Content-Encoding",
            "Referer: http://swf.us-east-1.amazonaws.com/explorer/index.html",
            f"Content-Length: {len(body)}",
            "Pragma: no-cache",
            "Cache-Control: no-cache",
        ]
    )
    return f"{head}\r\n\r\n{body}".encode()


def raw_answer(server, request):
    """Sends bytes, and reads an answer's."""
    host, port = server.address.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request)
        response = http.client.HTTPResponse(connection)
        response.begin()
        return Answer(response)
