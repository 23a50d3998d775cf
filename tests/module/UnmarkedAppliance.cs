using System.Net;
using System.Net.Sockets;

namespace ModuleTests;

/// <summary>A simulator that does not say that it is one: to the module a real appliance.</summary>
internal sealed class UnmarkedAppliance : IDisposable
{
    /// <summary>What is not passed on: the mark, and what is about the connection.</summary>
    private static readonly HashSet<string> Left = new(StringComparer.OrdinalIgnoreCase) { "X-EsgMailboxSync-Simulator", "Transfer-Encoding", "Connection" };

    private readonly HttpListener _listener = new();
    private readonly HttpClient _client = new(new HttpClientHandler { AllowAutoRedirect = false });
    private readonly Uri _behind;

    public UnmarkedAppliance(Simulator simulator)
    {
        _behind = new Uri(simulator.Uri);
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Uri = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}";
        }

        _listener.Prefixes.Add(Uri + "/");
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Uri { get; }

    public void Dispose()
    {
        _listener.Close();
        _client.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = PassAsync(await _listener.GetContextAsync());
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or HttpListenerException)
        {
            // The test has ended.
        }
    }

    private async Task PassAsync(HttpListenerContext context)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.HttpMethod), new Uri(_behind, context.Request.RawUrl));
        if (context.Request.HasEntityBody)
        {
            request.Content = new StreamContent(context.Request.InputStream);
        }

        foreach (string name in context.Request.Headers)
        {
            if (name is not ("Host" or "Content-Length") && !request.Headers.TryAddWithoutValidation(name, context.Request.Headers[name]))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, context.Request.Headers[name]);
            }
        }

        using var reply = await _client.SendAsync(request);
        context.Response.StatusCode = (int)reply.StatusCode;
        context.Response.ContentType = $"{reply.Content.Headers.ContentType}";
        foreach (var header in reply.Headers.Where(header => !Left.Contains(header.Key)))
        {
            context.Response.Headers[header.Key] = string.Join(", ", header.Value);
        }

        await context.Response.OutputStream.WriteAsync(await reply.Content.ReadAsByteArrayAsync());
        context.Response.Close();
    }
}
