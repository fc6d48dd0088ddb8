"""A server that speaks the protocol of S3 (moto), with one bucket, until its standard input ends.

Called with the port and the name of the bucket; says `ready` when it answers.
"""

import logging
import sys

import boto3
from moto.server import ThreadedMotoServer

port, bucket = int(sys.argv[1]), sys.argv[2]
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
server.start()
client = boto3.client(
    "s3",
    endpoint_url=f"http://127.0.0.1:{port}",
    region_name="us-east-1",
    aws_access_key_id="isds",
    aws_secret_access_key="tests",
)
client.create_bucket(Bucket=bucket)
print("ready", flush=True)
sys.stdin.read()
