using System.Net;
using System.Text.Json;

namespace ModuleTests.Secrets;

/// <summary>A server on loopback that refuses everything and repeats in its answer all that it was sent, headers and body.</summary>
internal sealed class EchoAppliance : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> _received = new();

    public EchoAppliance()
    {
        using (var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Uri = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}";
        }

        _listener.Prefixes.Add(Uri + "/");
        _listener.Start();
        _ = ServeAsync();
    }

    public string Uri { get; }

    /// <summary>All that it was sent.</summary>
    public string Received => string.Join('\n', _received);

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using var body = new StreamReader(context.Request.InputStream);
                var text = $"{context.Request.RawUrl} {context.Request.Headers} {await body.ReadToEndAsync()}";
                _received.Enqueue(text);
                context.Response.StatusCode = 422;
                context.Response.ContentType = "application/problem+json";
                await context.Response.OutputStream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(new { title = "An error occurred", detail = text, violations = new[] { new { propertyPath = "x", message = text } } }));
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }
}
